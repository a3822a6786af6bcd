using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Wherry.Core.Problems;

namespace Wherry.Edge.Acme.Orders;

/// <summary>What happened to a certificate that is being kept.</summary>
internal abstract record CertificateNews
{
    private CertificateNews() { }

    /// <summary>There is a certificate to serve: the kept one at the start, later each new one.</summary>
    public sealed record Ready(IssuedCertificate Certificate) : CertificateNews;

    /// <summary>An attempt failed; the certificate from before, if any, stays.</summary>
    public sealed record Failed(Problem Problem, DateTimeOffset NextAttempt) : CertificateNews;
}

/// <summary>Keeps certificates fresh: obtains, renews in time, tries again after failures.</summary>
internal sealed partial class CertificateKeeper(CertificateOrders orders, AcmeClient client, ILogger<CertificateKeeper> logger)
{
    /// <summary>Longest sleep: a clock that was set is noticed after it.</summary>
    private static readonly TimeSpan LongestSleep = TimeSpan.FromHours(1);

    private static readonly TimeSpan AskWindowEvery = TimeSpan.FromHours(6);

    private readonly AcmeOptions _options = client.Options;
    private readonly TimeProvider _time = client.Options.Time;

    /// <summary>Keeps a certificate until cancelled: tells of the kept one, obtains one when there is none, renews it when it is due, tries again after failures.</summary>
    public async IAsyncEnumerable<CertificateNews> KeepAsync(CertificateNames names, [EnumeratorCancellation] CancellationToken ct)
    {
        if (FindReadable(names) is { } kept)
        {
            yield return new CertificateNews.Ready(kept);
        }

        var notBefore = DateTimeOffset.MinValue; // beside the file's, which a full disk may keep from being written
        while (true)
        {
            var news = await AttemptAsync(names, notBefore, ct);
            notBefore = news is CertificateNews.Failed failed ? failed.NextAttempt : DateTimeOffset.MinValue;
            yield return news;
        }
    }

    /// <summary>When the kept certificate is to be renewed: when the authority says, else at two thirds of its life.</summary>
    public async Task<(DateTimeOffset At, TimeSpan AskAgain)> DueAsync(IssuedCertificate certificate, CancellationToken ct)
    {
        if (certificate.Directory != _options.Directory)
        {
            return (DateTimeOffset.MinValue, AskWindowEvery);
        }

        try
        {
            using var leaf = certificate.Leaf();
            if (await client.RenewalInfoAsync(leaf, ct) is { } info)
            {
                return (Renewal.ByWindow(certificate, info.SuggestedWindow, Random.Shared.NextDouble(), _time.GetUtcNow()), info.AskAgain(AskWindowEvery));
            }
        }
        catch (ProblemException e)
        {
            LogNoWindow(e.Problem.Code, e.Problem.Message);
        }

        return (Renewal.ByLife(certificate, _time.GetUtcNow()), AskWindowEvery);
    }

    private async Task UntilDueAsync(CertificateNames names, DateTimeOffset notBefore, CancellationToken ct)
    {
        var (due, askAt) = (DateTimeOffset.MinValue, DateTimeOffset.MinValue);
        while (true)
        {
            var now = _time.GetUtcNow();
            var saved = orders.Load(names);
            if (saved.Certificate is { } certificate && now >= askAt)
            {
                (due, var again) = await DueAsync(certificate, ct);
                askAt = now + again;
            }

            var wait = new[] { due, Believed(notBefore, now), Believed(saved.NextAttempt ?? now, now) }.Max() - now;
            if (wait <= TimeSpan.Zero)
            {
                return;
            }

            await Task.Delay(wait < LongestSleep ? wait : LongestSleep, _time, ct);
        }
    }

    /// <summary>A time that no pause reaches comes from a clock that was wrong then.</summary>
    private DateTimeOffset Believed(DateTimeOffset attempt, DateTimeOffset now) => attempt - now > CertificateOrders.LongestRetryAfter + (2 * _options.RetryMost) ? now : attempt;

    /// <summary>Null too when the file cannot be read; the first attempt will tell.</summary>
    private IssuedCertificate? FindReadable(CertificateNames names)
    {
        try
        {
            return orders.Find(names);
        }
        catch (ProblemException)
        {
            return null;
        }
    }

    private async Task<CertificateNews> AttemptAsync(CertificateNames names, DateTimeOffset notBefore, CancellationToken ct)
    {
        try
        {
            await UntilDueAsync(names, notBefore, ct);
            return new CertificateNews.Ready(await orders.IssueAsync(names, ct));
        }
        catch (ProblemException e)
        {
            return new CertificateNews.Failed(e.Problem, e.RetryAt ?? _time.GetUtcNow() + _options.RetryFirst);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "No renewal information ({Code}): {Reason} Two thirds of its life count")]
    private partial void LogNoWindow(string code, string reason);
}
