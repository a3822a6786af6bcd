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
internal sealed class AutomaticCertificates : IAsyncDisposable
{
    private readonly AcmeClient _client;
    private readonly CertificateKeeper _keeper;
    private readonly IReadOnlyList<IChallengeSolver> _solvers;
    private readonly ConcurrentDictionary<HostName, Kept> _kept = new();
    private readonly Lock _writer = new();
    private volatile CertificateIndex _index = new([]);

    public AutomaticCertificates(AcmeOptions options, IReadOnlyList<IChallengeSolver> solvers, ILoggerFactory logging)
    {
        _solvers = solvers;
        _client = new(options);
        var validation = new Validation(_client, solvers, options.Time, logging.CreateLogger<Validation>());
        var orders = new CertificateOrders(_client, validation, new OrderFiles(Path.Combine(options.Home, "certificates")), logging.CreateLogger<CertificateOrders>());
        _keeper = new(orders, _client, logging.CreateLogger<CertificateKeeper>());
    }

    /// <summary>Whether it can be proven that a host is ours: a wildcard needs its zone to be written.</summary>
    public bool CanObtain(HostName host) => _solvers.Any(s => s.CanSolve(host));

    public ServedCertificate? Find(string host) => _index.Find(host);

    public IReadOnlyList<CertificateState> GetStates() => [.. _kept.OrderBy(k => k.Key.Value, StringComparer.Ordinal).Select(k => k.Value.ToState(k.Key))];

    /// <summary>From now on certificates are kept for these hosts and no others. What was obtained for a host stays in its file, should it come back.</summary>
    public void Keep(IReadOnlySet<HostName> hosts)
    {
        lock (_writer)
        {
            foreach (var gone in _kept.Keys.Where(h => !hosts.Contains(h)).ToList())
            {
                _kept.TryRemove(gone, out var kept);
                kept!.Stop.Cancel();
            }

            foreach (var host in hosts.Where(h => !_kept.ContainsKey(h)))
            {
                var kept = _kept[host] = new();
                kept.Work = Task.Run(() => KeepAsync(host, kept, kept.Stop.Token));
            }

            Show();
        }
    }

    public async ValueTask DisposeAsync()
    {
        var works = _kept.Values.ToList();
        Keep(new HashSet<HostName>());
        await Task.WhenAll(works.Select(k => k.Work));
        _client.Dispose();
    }

    private async Task KeepAsync(HostName host, Kept kept, CancellationToken ct)
    {
        try
        {
            await foreach (var news in _keeper.KeepAsync(new CertificateNames(host), ct))
            {
                lock (_writer)
                {
                    Take(host, kept, news);
                    Show();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Nobody asks for the host any more, or the edge stops.
        }
    }

    private static void Take(HostName host, Kept kept, CertificateNews news)
    {
        try
        {
            (kept.Served, kept.Problem) = news switch
            {
                CertificateNews.Ready ready => (CertificateReader.Read(host.Value, ready.Certificate.Chain, ready.Certificate.Key), null),
                CertificateNews.Failed failed => (kept.Served, failed.Problem),
                _ => (kept.Served, kept.Problem),
            };
        }
        catch (ProblemException e)
        {
            kept.Problem = e.Problem;
        }
    }

    private void Show() => _index = new([.. _kept.Values.Select(k => k.Served).OfType<ServedCertificate>()]);

    /// <summary>One host and what is known of its certificate.</summary>
    private sealed class Kept
    {
        public CancellationTokenSource Stop { get; } = new();

        public Task Work { get; set; } = Task.CompletedTask;

        public ServedCertificate? Served { get; set; }

        public Problem? Problem { get; set; }

        public CertificateState ToState(HostName host) => new(
            host.Value,
            [host.Value],
            Served?.Leaf.Issuer ?? "",
            Served?.NotBefore ?? default,
            Served?.NotAfter ?? default,
            Problem is { } problem ? $"{problem.Message} {problem.Hint}" : Served is null ? "it is being obtained" : null,
            Automatic: true);
    }
}
