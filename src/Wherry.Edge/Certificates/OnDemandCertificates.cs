using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Edge.Switching;

namespace Wherry.Edge.Certificates;

/// <summary>Certificates for hosts that nobody listed: obtained in the first handshake that asks for one, where the service's policy allows it.</summary>
internal sealed partial class OnDemandCertificates(AutomaticCertificates? automatic, OnDemandPolicy policy, TrafficSwitch traffic, TimeProvider time, ILogger<OnDemandCertificates> logger)
{
    /// <summary>Hosts that are looked into at once; visitors of more are refused and come again.</summary>
    private const int MostAtOnce = 100;

    /// <summary>Denials that are remembered; with more, all are forgotten.</summary>
    private const int MostDenied = 10_000;

    private static readonly TimeSpan DeniedFor = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<HostName, Lazy<Task<ServedCertificate?>>> _open = new();
    private readonly ConcurrentDictionary<HostName, DateTimeOffset> _denied = new();

    /// <summary>The certificate for a host that has none yet. The policy is not asked where one was obtained before.</summary>
    /// <param name="ct">Ends the waiting; what was begun goes on for the next visitor.</param>
    /// <returns><see langword="null"/>: no service takes such hosts, its policy says no, or it cannot be obtained.</returns>
    public async Task<ServedCertificate?> FindAsync(string name, CancellationToken ct)
    {
        if (automatic is not { Broken: null } || traffic.Snapshot.FindOnDemand(name) is not var (slot, route, ask) || Parse(name) is not { } host || IsDenied(host))
        {
            return null;
        }

        if (_open.Count >= MostAtOnce && !_open.ContainsKey(host))
        {
            LogFull(host);
            return null;
        }

        var work = _open.GetOrAdd(host, _ => new(() => Task.Run(() => LookAsync(automatic, slot, route, ask, host, traffic.Stopping), traffic.Stopping))); // for all visitors who wait, so no single one ends it
        return await work.Value.WaitAsync(ct);
    }

    private async Task<ServedCertificate?> LookAsync(AutomaticCertificates from, ServiceSlot slot, Route route, string ask, HostName host, CancellationToken ct)
    {
        try
        {
            if (!from.Has(host) && !await policy.AllowsAsync(slot, route, ask, host, ct))
            {
                Deny(host, time.GetUtcNow() + DeniedFor);
                return null;
            }

            var (served, nextAttempt) = await from.ObtainAsync(host, ct);
            if (served is null)
            {
                Deny(host, nextAttempt ?? (time.GetUtcNow() + DeniedFor));
            }

            return served;
        }
        finally
        {
            _open.TryRemove(host, out _);
        }
    }

    private bool IsDenied(HostName host) => _denied.TryGetValue(host, out var until) && (time.GetUtcNow() < until || !_denied.TryRemove(host, out _));

    private void Deny(HostName host, DateTimeOffset until)
    {
        if (_denied.Count >= MostDenied)
        {
            _denied.Clear();
        }

        _denied[host] = until;
    }

    /// <summary>Names that a public authority signs for: with a dot, no wildcard.</summary>
    private static HostName? Parse(string name)
    {
        try
        {
            return name.Contains('.', StringComparison.Ordinal) && HostName.Parse(name) is { IsWildcard: false } host ? host : null;
        }
        catch (ProblemException)
        {
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Host} is not looked into: too many hosts ask for their first certificate at once")]
    private partial void LogFull(HostName host);
}
