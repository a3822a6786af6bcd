using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Core.Routing;
using Wherry.Edge.Certificates;
using Wherry.Edge.Foreign;
using Wherry.Edge.Targets;
using Wherry.Edge.Tcp;

namespace Wherry.Edge.Switching;

/// <summary>What follows the table of routes: its file, the ports for TCP, the certificates, and a foreign proxy where one serves.</summary>
/// <param name="foreign"><see langword="null"/>: this edge serves by itself.</param>
internal sealed class Followers(StateFile file, TcpPorts ports, CertificateSource certificates, ForeignFront? foreign, TimeProvider time)
{
    private readonly Drain _drain = new(time);

    /// <summary>Says what keeps a service from being served; changes nothing.</summary>
    /// <exception cref="ProblemException"><c>route/host-taken</c>, <c>route/port-taken</c>, <c>certificate/…</c>, <c>edge/unsupported</c>, <c>edge/proxy-away</c>.</exception>
    public async Task CheckAsync(Snapshot snapshot, string key, EdgeService service, CancellationToken ct)
    {
        snapshot.Routes.Yielding(service.Routes, service.TakesFrom ?? []).With(key, service.Routes);
        snapshot.Tcp.Yielding(service.Tcp, service.TakesFrom ?? []).With(key, service.Tcp);
        await (foreign?.CheckAsync(key, service, ct) ?? Task.CompletedTask);
        if (snapshot.Services.GetValueOrDefault(key) is { } known)
        {
            Check(key, known.Admission.Now.At(time.GetUtcNow())); // it may come from before this proxy
        }

        // What serves already may go on with other targets, also when its certificate was lost meanwhile.
        if (snapshot.Services.GetValueOrDefault(key)?.Service is not { } before || !AreSecuredAlike(before, service))
        {
            certificates.Check(key, service);
        }
    }

    /// <summary>Whether both have the same hosts, in the same way over TLS: the one needs no other certificates than the other.</summary>
    public static bool AreSecuredAlike(EdgeService one, EdgeService other) => one.Tls == other.Tls && one.Routes.Select(r => r.Host).SequenceEqual(other.Routes.Select(r => r.Host));

    /// <exception cref="ProblemException"><c>edge/unsupported</c>.</exception>
    public void Check(string key, Admission.State state) => foreign?.Check(key, state);

    /// <summary>Nothing where a foreign proxy has the ports.</summary>
    /// <exception cref="ProblemException"><c>edge/port-taken</c>.</exception>
    public TcpPorts.Reserved Reserve(IReadOnlyList<TcpRoute>? routes) => ports.Reserve(foreign is null ? routes : null);

    /// <summary>Shows what an earlier run saved.</summary>
    public void Restore(Snapshot snapshot, IReadOnlyList<SavedService> saved)
    {
        foreign?.Restore(saved);
        Keep(snapshot);
    }

    /// <summary>Makes the next services last, and has them served where that is not this edge's to do.</summary>
    /// <exception cref="ProblemException"><c>edge/state-not-saved</c>, <c>edge/proxy-away</c>, <c>edge/proxy-refused</c>; nothing has changed.</exception>
    public async Task SaveAsync(IReadOnlyList<SavedService> next, CancellationToken ct)
    {
        await (foreign?.ShowAsync(next, ct) ?? Task.CompletedTask);
        try
        {
            file.Save(next);
        }
        catch when (foreign is not null)
        {
            await foreign.TakeBackAsync(CancellationToken.None);
            throw;
        }
    }

    /// <summary>Ports and certificates follow the snapshot that is in force now.</summary>
    public void Keep(Snapshot snapshot, TcpPorts.Reserved? reserved = null)
    {
        ports.Keep(foreign is null ? snapshot.Tcp : TcpTable.Empty, reserved);
        certificates.Keep([.. snapshot.Services.Values.Select(s => s.Service)]);
    }

    /// <summary>Waits for what is in flight on targets that the traffic was switched away from.</summary>
    public Task<DrainResult> DrainAsync(IReadOnlyList<LiveTarget> targets, TimeSpan atMost, CancellationToken ct) =>
        foreign is null ? _drain.RunAsync(targets, atMost, ct) : foreign.DrainAsync(targets, atMost, ct);
}
