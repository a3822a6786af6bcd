using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Core.Routing;
using Wherry.Edge.Acme;
using Wherry.Edge.Acme.Orders;
using Wherry.Edge.Acme.Solving;

namespace Wherry.Edge.Certificates;

/// <summary>Certificates that a public authority signs: obtained for the hosts that ask for them, and kept fresh for as long as they do.</summary>
internal sealed partial class AutomaticCertificates : IAsyncDisposable
{
    /// <summary>Pause after something that nobody foresaw.</summary>
    private static readonly TimeSpan AfterSurprise = TimeSpan.FromMinutes(10);

    private readonly AcmeClient? _client;
    private readonly CertificateKeeper? _keeper;
    private readonly OrderFiles _files;
    private readonly IReadOnlyList<IChallengeSolver> _solvers;
    private readonly TimeProvider _time;
    private readonly ILogger<AutomaticCertificates> _logger;
    private readonly ConcurrentDictionary<HostName, KeptCertificate> _kept = new();
    private readonly Lock _writer = new();
    private bool _hasBegun;
    private volatile CertificateIndex _index = new([]);

    public AutomaticCertificates(AcmeOptions options, IReadOnlyList<IChallengeSolver> solvers, ILoggerFactory logging)
        : this(options.Home, options.Time, logging)
    {
        _solvers = solvers;
        _client = new(options);
        var validation = new Validation(_client, solvers, options.Time, logging.CreateLogger<Validation>());
        var orders = new CertificateOrders(_client, validation, _files, logging.CreateLogger<CertificateOrders>());
        _keeper = new(orders, _client, logging.CreateLogger<CertificateKeeper>());
    }

    /// <summary>Serves what was obtained earlier, and obtains nothing.</summary>
    /// <param name="broken">Why.</param>
    /// <param name="home">Folder of what was obtained.</param>
    public AutomaticCertificates(Problem broken, string home, TimeProvider time, ILoggerFactory logging)
        : this(home, time, logging)
    {
        Broken = broken;
        LogBroken(broken.Code, broken.Message, broken.Hint);
    }

    private AutomaticCertificates(string home, TimeProvider time, ILoggerFactory logging)
    {
        _solvers = [];
        _files = new(Path.Combine(home, "certificates"));
        (_time, _logger) = (time, logging.CreateLogger<AutomaticCertificates>());
    }

    /// <summary>Why none is obtained; <see langword="null"/>: they are.</summary>
    public Problem? Broken { get; }

    /// <summary>Whether it can be proven that a host is ours: a wildcard needs its zone to be written.</summary>
    public bool CanObtain(HostName host) => _solvers.Any(s => s.CanSolve(host));

    public ServedCertificate? Find(string host) => _index.Find(host);

    public IReadOnlyList<CertificateState> GetStates()
    {
        lock (_writer)
        {
            var now = _time.GetUtcNow();
            return [.. _kept.OrderBy(k => k.Key.Value, StringComparer.Ordinal).Select(k => k.Value.ToState(now))];
        }
    }

    /// <summary>From now on certificates are kept for these hosts and no others. What was obtained for a host before serves at once; it stays in its file when the host is gone, should it come back.</summary>
    /// <param name="onDemand">Whether a host that nobody listed may still be kept, once a visitor asked for it.</param>
    public void Keep(IReadOnlySet<HostName> hosts, Func<HostName, bool> onDemand)
    {
        lock (_writer)
        {
            foreach (var (host, _) in _kept.Where(k => !hosts.Contains(k.Key) && !(k.Value.OnDemand && onDemand(k.Key))).ToList())
            {
                GiveUp(host);
            }

            foreach (var host in hosts.Where(h => !_kept.ContainsKey(h)))
            {
                Start(host, _kept[host] = Open(host, onDemand: false));
            }

            Show();
        }
    }

    /// <summary>Gives the account at the authority a new key; the old one is worth nothing from then on.</summary>
    /// <returns>The authority's directory.</returns>
    /// <exception cref="ProblemException"><c>acme/…</c>; the old key serves on.</exception>
    public async Task<Uri> RollKeyAsync(CancellationToken ct)
    {
        await (_client ?? throw Broken!.AsException()).RollKeyAsync(ct);
        LogRolled(_client.Options.Directory);
        return _client.Options.Directory;
    }

    /// <summary>Whether one was obtained before.</summary>
    public bool Has(HostName host)
    {
        try
        {
            return _files.Load(new CertificateNames(host)).Certificate is not null;
        }
        catch (Exception e) when (e is ProblemException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Obtains one for a host that nobody listed, and keeps it from then on. Without success it is given up; a later call does not try before the pause is over.</summary>
    /// <returns>What is served, or when it is tried again.</returns>
    public async Task<(ServedCertificate? Served, DateTimeOffset? NextAttempt)> ObtainAsync(HostName host, CancellationToken ct)
    {
        KeptCertificate kept;
        lock (_writer)
        {
            if (!_kept.TryGetValue(host, out kept!))
            {
                kept = Open(host, onDemand: true);
                if (kept.Served is null && kept.NextAttempt > _time.GetUtcNow())
                {
                    return (null, kept.NextAttempt);
                }

                Start(host, _kept[host] = kept);
                Show();
            }
        }

        await kept.First.WaitAsync(ct);
        lock (_writer)
        {
            if (kept is { OnDemand: true, Served: null } && _kept.GetValueOrDefault(host) == kept)
            {
                GiveUp(host);
            }

            return (kept.Served, kept.NextAttempt);
        }
    }

    /// <summary>From now on the edge listens, so that an authority that is asked can look: certificates are obtained and renewed.</summary>
    public void Begin()
    {
        lock (_writer)
        {
            _hasBegun = true;
            foreach (var (host, kept) in _kept)
            {
                Start(host, kept);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        var works = _kept.Values.ToList();
        Keep(new HashSet<HostName>(), _ => false);
        await Task.WhenAll(works.Select(k => k.Work)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _client?.Dispose();
    }

    private void Start(HostName host, KeptCertificate kept)
    {
        if (_hasBegun && _keeper is { } keeper)
        {
            kept.Work = Task.Run(() => KeepAsync(keeper, host, kept, kept.Stop.Token));
        }
    }

    private void GiveUp(HostName host)
    {
        if (_kept.TryRemove(host, out var kept))
        {
            kept.GiveUp();
        }
    }

    private KeptCertificate Open(HostName host, bool onDemand)
    {
        var kept = new KeptCertificate(host, onDemand);
        try
        {
            var names = new CertificateNames(host);
            if (_files.ShutOthersOut(names) is { } path)
            {
                LogOpenToOthers(path);
            }

            kept.Take(_files.Load(names));
        }
        catch (Exception e) when (e is ProblemException or IOException or UnauthorizedAccessException)
        {
            LogUnreadable(e, host);
            kept.Fail(Surprise(host, e), null);
        }

        if (Broken is { } broken)
        {
            kept.Fail(broken, null);
        }

        return kept;
    }

    /// <summary>Until nobody asks for the host any more, or the edge stops.</summary>
    private async Task KeepAsync(CertificateKeeper keeper, HostName host, KeptCertificate kept, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                await foreach (var news in keeper.KeepAsync(new CertificateNames(host), ct))
                {
                    lock (_writer)
                    {
                        kept.Take(news);
                        Show();
                    }
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogUnexpected(e, host);
                lock (_writer)
                {
                    kept.Fail(Surprise(host, e), _time.GetUtcNow() + AfterSurprise);
                }
            }

            await Task.Delay(AfterSurprise, _time, ct);
        }
    }

    private void Show() => _index = new([.. _kept.Values.Select(k => k.Served).OfType<ServedCertificate>()]);

    private static Problem Surprise(HostName host, Exception e) => e is ProblemException { Problem: var problem } ? problem : new(
        "certificate/unexpected",
        $"The certificate of {host} could not be looked after: {e.Message}",
        "It is tried again by itself, and what was served before is served on. The edge's log says more.");

    [LoggerMessage(Level = LogLevel.Information, Message = "The account at {Directory} has a new key")]
    private partial void LogRolled(Uri directory);

    [LoggerMessage(Level = LogLevel.Critical, Message = "No certificates are obtained or renewed ({Code}): {Reason} {Hint}")]
    private partial void LogBroken(string code, string reason, string hint);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} holds a private key and was open to others; it is for its owner only now. Remove it and start the edge anew if somebody may have read it: another certificate is obtained")]
    private partial void LogOpenToOthers(string path);

    [LoggerMessage(Level = LogLevel.Error, Message = "What was obtained for {Host} cannot be read")]
    private partial void LogUnreadable(Exception exception, HostName host);

    [LoggerMessage(Level = LogLevel.Error, Message = "The certificate of {Host} could not be looked after; it is tried again in a while")]
    private partial void LogUnexpected(Exception exception, HostName host);
}
