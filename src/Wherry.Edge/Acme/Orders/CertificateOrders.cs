using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Wherry.Core.Problems;

namespace Wherry.Edge.Acme.Orders;

/// <summary>Obtains certificates. What it begins is written down first, so that a restart continues the same order.</summary>
internal sealed partial class CertificateOrders(AcmeClient client, Validation validation, OrderFiles files, ILogger<CertificateOrders> logger)
{
    /// <summary>As long as the longest window of a rate limit; an authority that names a later time is asked then.</summary>
    public static readonly TimeSpan LongestRetryAfter = TimeSpan.FromDays(7);

    /// <summary>An authority that has come to no end by then is told to look again.</summary>
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMinutes(15);

    /// <summary>Issuances at once: thousands of names that come up together queue here, not at the authority.</summary>
    private const int MaxParallel = 16;

    private static readonly SemaphoreSlim Parallel = new(MaxParallel);

    private readonly NameLocks _locks = new();
    private readonly AcmeOptions _options = client.Options;
    private readonly TimeProvider _time = client.Options.Time;

    /// <summary>The kept certificate, also when it is due or expired; null when there is none.</summary>
    public IssuedCertificate? Find(CertificateNames names) => files.Load(names).Certificate;

    /// <summary>All that is kept about a certificate, for showing it.</summary>
    public SavedCertificate Load(CertificateNames names) => files.Load(names);

    /// <summary>One attempt, now. Continues the order that an earlier one began; who waited while another obtained it gets that one.</summary>
    /// <exception cref="ProblemException"><c>acme/…</c>; <see cref="ProblemException.RetryAt"/> is when the next attempt is due.</exception>
    public async Task<IssuedCertificate> IssueAsync(CertificateNames names, CancellationToken ct)
    {
        var before = Find(names);
        using var taken = await _locks.TakeAsync(names, ct);
        var saved = files.Load(names);
        if (saved.Certificate is { } meanwhile && meanwhile != before)
        {
            return meanwhile;
        }

        await Parallel.WaitAsync(ct);
        try
        {
            var certificate = await RunAsync(names, saved, ct);
            files.Save(names, new(names.ToString()) { Certificate = certificate });
            LogIssued(names, certificate.NotAfter);
            return certificate;
        }
        catch (ProblemException e)
        {
            throw Failed(names, e);
        }
        finally
        {
            Parallel.Release();
        }
    }

    private async Task<IssuedCertificate> RunAsync(CertificateNames names, SavedCertificate saved, CancellationToken ct)
    {
        var patience = new Patience(_options.WorkWithin, _time);
        var (order, key) = await ResumeAsync(names, saved, ct) ?? await BeginAsync(names, saved, ct);
        while (true)
        {
            switch (order.Status)
            {
                case "pending":
                    await validation.ProveAsync(order, names, LookOf(names, saved.Failures), patience, ct);
                    if (order.Url == saved.Pending?.Url)
                    {
                        await validation.TidyAsync(order, names, ct); // of names that an earlier attempt had proven
                    }

                    order = await client.OrderAsync(order.Url!, ct);
                    if (order.Status == "pending")
                    {
                        await patience.PauseAsync(order.RetryAfter, $"The order for {names}", ct);
                    }

                    break;
                case "ready":
                    order = await client.FinalizeAsync(order, SigningRequest(names, key), ct);
                    break;
                case "processing":
                    await patience.PauseAsync(order.RetryAfter, $"The signing of {names}", ct);
                    order = await client.OrderAsync(order.Url!, ct);
                    break;
                case "valid" when order.Certificate is { } url:
                    return IssuedCertificate.Of(await client.ChainAsync(url, ct), key, names, _options.Directory, _time.GetUtcNow());
                default:
                    throw AcmeProblems.OrderFailed(names.ToString(), order.Error).AsException();
            }
        }
    }

    private Look LookOf(CertificateNames names, int way)
    {
        var pending = files.Load(names).Pending;
        var isTold = pending?.LookedAt is { } at && (_time.GetUtcNow() - at).Duration() < LookAgainAfter;
        return new(isTold ? pending!.Way : way, isTold, Told);

        void Told()
        {
            if (files.Load(names) is { Pending: { } open } saved)
            {
                files.Save(names, saved with { Pending = open with { LookedAt = _time.GetUtcNow(), Way = way } });
            }
        }
    }

    /// <summary>The order of an earlier attempt; null when there is none that can still be fulfilled.</summary>
    private async Task<(AcmeOrder Order, string Key)?> ResumeAsync(CertificateNames names, SavedCertificate saved, CancellationToken ct)
    {
        if (saved.Pending is not { } pending || pending.Directory != _options.Directory)
        {
            return null;
        }

        try
        {
            var order = await client.OrderAsync(pending.Url, ct);
            LogResumed(names, order.Status);
            if (order.Status == "pending")
            {
                return (order, pending.Key);
            }

            await validation.TidyAsync(order, names, ct);
            return order.Status == "invalid" ? null : (order, pending.Key);
        }
        catch (ProblemException e) when (AcmeProblems.EndsOrder(e.Problem))
        {
            LogForgotten(names, e.Problem.Code);
            return null;
        }
    }

    private async Task<(AcmeOrder Order, string Key)> BeginAsync(CertificateNames names, SavedCertificate saved, CancellationToken ct)
    {
        files.Save(names, saved with { Pending = null }); // a full disk is noticed before the authority is asked
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pem = key.ExportPkcs8PrivateKeyPem();
        using var replaces = saved.Certificate is { } old && old.Directory == _options.Directory ? old.Leaf() : null;
        AcmeOrder order;
        try
        {
            order = await client.NewOrderAsync(names, replaces, ct);
        }
        catch (ProblemException e) when (e.Problem.Code == AcmeProblems.AlreadyReplaced)
        {
            order = await client.NewOrderAsync(names, replaces: null, ct);
        }

        files.Save(names, saved with { Pending = new(_options.Directory, order.Url!, pem) });
        return (order, pem);
    }

    private ProblemException Failed(CertificateNames names, ProblemException cause)
    {
        var saved = files.Load(names);
        var failures = saved.Failures + 1;
        var next = _time.GetUtcNow() + Renewal.Pause(failures, _options.RetryFirst, _options.RetryMost, Random.Shared.NextDouble());
        next = cause.RetryAt is { } asked && asked > next ? Sooner(asked, _time.GetUtcNow() + LongestRetryAfter) : next;
        LogFailed(names, failures, cause.Problem.Code, cause.Problem.Message, next);
        try
        {
            files.Save(names, saved with { Failures = failures, NextAttempt = next, LastProblem = cause.Problem, Pending = AcmeProblems.EndsOrder(cause.Problem) ? null : saved.Pending });
        }
        catch (ProblemException e)
        {
            LogFailed(names, failures, e.Problem.Code, e.Problem.Message, next); // the disk is full: the pause holds until a restart
        }

        return new(cause.Problem, cause) { RetryAt = next };
    }

    private static DateTimeOffset Sooner(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    private static byte[] SigningRequest(CertificateNames names, string pem)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(pem);
        var request = new CertificateRequest(new X500DistinguishedName(""), key, HashAlgorithmName.SHA256);
        var all = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            all.AddDnsName(name.Value);
        }

        request.CertificateExtensions.Add(all.Build());
        return request.CreateSigningRequest();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Certificate for {Names} obtained, valid until {NotAfter}")]
    private partial void LogIssued(CertificateNames names, DateTimeOffset notAfter);

    [LoggerMessage(Level = LogLevel.Information, Message = "The order for {Names} goes on, it is {Status}")]
    private partial void LogResumed(CertificateNames names, string status);

    [LoggerMessage(Level = LogLevel.Information, Message = "The authority has forgotten the order for {Names} ({Code}); another one is begun")]
    private partial void LogForgotten(CertificateNames names, string code);

    [LoggerMessage(Level = LogLevel.Warning, Message = "No certificate for {Names}, attempt {Attempt} ({Code}): {Reason} Next attempt {Next}")]
    private partial void LogFailed(CertificateNames names, int attempt, string code, string reason, DateTimeOffset next);
}
