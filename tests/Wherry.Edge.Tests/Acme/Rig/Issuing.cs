using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Wherry.Core.Model;
using Wherry.Edge.Acme;
using Wherry.Edge.Acme.Orders;
using Wherry.Edge.Acme.Solving;

namespace Wherry.Edge.Tests.Acme.Rig;

/// <summary>One process that orders certificates; another one on the same home is what comes after a restart.</summary>
internal sealed class Issuing : IDisposable
{
    public Issuing(AcmeOptions options, params IChallengeSolver[] solvers)
    {
        Client = new(options);
        Files = new(Path.Combine(options.Home, "certificates"));
        Orders = new(Client, new(Client, solvers, options.Time, NullLogger<Validation>.Instance), Files, NullLogger<CertificateOrders>.Instance);
        Keeper = new(Orders, Client, NullLogger<CertificateKeeper>.Instance);
    }

    public AcmeClient Client { get; }

    public OrderFiles Files { get; }

    public CertificateOrders Orders { get; }

    public CertificateKeeper Keeper { get; }

    public static CertificateNames Names(params string[] names) => new(names.Select(HostName.Parse));

    public static string[] NamesIn(IssuedCertificate certificate)
    {
        using var leaf = certificate.Leaf();
        return [.. leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single().EnumerateDnsNames().Order(StringComparer.Ordinal)];
    }

    public void Dispose() => Client.Dispose();
}

/// <summary>A folder for one test.</summary>
internal sealed class TestHome : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("wherry-acme-").FullName;

    public string[] Files => Directory.GetFiles(Path, "*", SearchOption.AllDirectories);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
