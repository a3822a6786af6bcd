namespace Wherry.Edge.Acme.Orders;

/// <summary>When a certificate is due, and how long a failure is waited out.</summary>
internal static class Renewal
{
    /// <summary>An authority that wants a certificate replaced is heeded this long after the certificate came, at the soonest.</summary>
    private static readonly TimeSpan SoonestByWindow = TimeSpan.FromDays(1);

    /// <summary>At two thirds of its life.</summary>
    /// <remarks>By a clock that is ahead, a new certificate looks old. So a third of its life has to pass on that clock too, else each new one would be renewed at once; unless that clock has been put right since.</remarks>
    public static DateTimeOffset ByLife(IssuedCertificate certificate, DateTimeOffset now)
    {
        var third = (certificate.NotAfter - certificate.NotBefore) / 3;
        var due = certificate.NotBefore + (2 * third);
        return certificate.IssuedAt > now ? due : Later(due, certificate.IssuedAt + third);
    }

    /// <summary>At a moment within the window that the authority suggests (RFC 9773, 4.2).</summary>
    /// <param name="chance">0 to 1; spreads the load.</param>
    public static DateTimeOffset ByWindow(IssuedCertificate certificate, RenewalWindow window, double chance, DateTimeOffset now)
    {
        var third = (certificate.NotAfter - certificate.NotBefore) / 3;
        var due = window.Start + ((window.End - window.Start) * chance);
        return certificate.IssuedAt > now ? due : Later(due, certificate.IssuedAt + (third < SoonestByWindow ? third : SoonestByWindow));
    }

    /// <summary>Doubles with each failure up to <paramref name="most"/>, and varies by a quarter, so that many names are not tried at once.</summary>
    /// <param name="failures">In a row, the last one included.</param>
    /// <param name="chance">0 to 1.</param>
    public static TimeSpan Pause(int failures, TimeSpan first, TimeSpan most, double chance)
    {
        var doubled = first * Math.Pow(2, Math.Min(failures - 1, 30));
        return (doubled < most ? doubled : most) * (0.75 + (chance / 2));
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
