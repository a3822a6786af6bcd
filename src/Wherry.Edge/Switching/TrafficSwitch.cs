using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Wherry.Core.Problems;
using Wherry.Core.Routing;
using Wherry.Edge.Health;
using Wherry.Edge.Metrics;
using Wherry.Edge.Rules;
using Wherry.Edge.Targets;
using Wherry.Edge.Tcp;

namespace Wherry.Edge.Switching;

/// <summary>Moves traffic: one writer, readers that never wait, and an answer only when the old targets are drained.</summary>
internal sealed partial class TrafficSwitch(TargetKeeper keeper, TargetGate gate, Followers followers, TimeProvider time, ILogger<TrafficSwitch> logger) : IDisposable
{
    private readonly SemaphoreSlim _writer = new(1);
    private readonly ServiceLanes _lanes = new();
    private readonly ConcurrentDictionary<LiveTarget, string> _draining = new();
    private readonly CancellationTokenSource _stopping = new();
    private volatile Snapshot _snapshot = Snapshot.Empty;

    /// <summary>What requests are routed by from here on.</summary>
    public Snapshot Snapshot => _snapshot;

    /// <summary>Counts requests that belong to no service.</summary>
    public TrafficCounters Unrouted { get; } = new();

    /// <summary>Cancelled when the edge stops: held requests are let go and drains end.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>Takes the saved services up again; their targets serve at once and are probed afterwards.</summary>
    public void Restore(IReadOnlyList<SavedService> services)
    {
        var snapshot = _snapshot;
        foreach (var saved in services)
        {
            var targets = saved.Service.Targets.Select(t => keeper.Open(t, saved.Service)).ToArray();
            var admission = new Admission();
            admission.Set(saved.Admission);
            snapshot = snapshot.With(new(saved.Key, saved.Service, targets, admission, new TrafficCounters(), RoutePolicies.None.With(saved.Service.Routes, time)) { Files = keeper.FilesOf(saved.Service) });
            keeper.Watch(saved.Key, targets);
        }

        _snapshot = snapshot;
        followers.Restore(snapshot, services);
    }

    /// <summary>Gates the new targets, switches, drains the old ones. Calls for one key run one after the other up to the switch.</summary>
    /// <param name="ct">Before the switch: gives up, nothing changes. After it the drain runs to its end.</param>
    /// <exception cref="ProblemException"><c>edge/service</c>, <c>route/host-taken</c>, <c>route/port-taken</c>, <c>edge/port-taken</c>, <c>health/deadline</c>, <c>edge/state-not-saved</c>; nothing has changed.</exception>
    public async Task<SwitchReport> PutAsync(string key, EdgeService service, CancellationToken ct)
    {
        EdgeServiceRules.Check(key, service);
        await followers.CheckAsync(_snapshot, key, service, ct); // told before anything is probed

        IReadOnlyList<LiveTarget> old;
        TimeSpan gateTook;
        using (await _lanes.EnterAsync([key, .. service.TakesFrom ?? []], ct))
        {
            (old, gateTook) = await GateAndInstallAsync(key, service, ct);
        }

        LogSwitched(key, service.Targets.Count, old.Count);
        return await DrainAsync(key, old, service, gateTook);
    }

    /// <summary>Says whether <see cref="PutAsync"/> would switch: conflicts and health. Changes nothing.</summary>
    /// <exception cref="ProblemException"><c>edge/service</c>, <c>route/host-taken</c>, <c>route/port-taken</c>, <c>edge/port-taken</c>, <c>health/deadline</c>.</exception>
    public async Task GateAsync(string key, EdgeService service, CancellationToken ct)
    {
        EdgeServiceRules.Check(key, service);
        var snapshot = _snapshot;
        await followers.CheckAsync(snapshot, key, service, ct);
        followers.Reserve(service.Tcp).Dispose();
        var (_, fresh) = keeper.KeepOrOpen(service, snapshot.Services.GetValueOrDefault(key));
        try
        {
            await gate.HealthyAsync(key, fresh, service.Probe.Deadline, twice: true, ct);
        }
        finally
        {
            keeper.Close(fresh);
        }
    }

    /// <summary>Takes the routes of a service away and drains its targets. A service that is not there counts as removed.</summary>
    public async Task<SwitchReport> RemoveAsync(string key, CancellationToken ct)
    {
        ServiceSlot? slot;
        using (await _lanes.EnterAsync([key], ct))
        {
            using var writing = await WriteAsync(ct);
            slot = _snapshot.Services.GetValueOrDefault(key);
            if (slot is not null)
            {
                await InstallAsync(_snapshot.Without(key), null, ct);
                slot.Admission.Wake();
            }
        }

        if (slot is null)
        {
            return new([], 0, 0, TimeSpan.Zero, TimeSpan.Zero);
        }

        LogRemoved(key, slot.Targets.Count);
        return await DrainAsync(key, slot.Targets, slot.Service with { Targets = [] }, TimeSpan.Zero);
    }

    /// <summary>Pauses, resumes or closes a service; stays so across redeploys and restarts.</summary>
    /// <exception cref="ProblemException"><c>edge/unknown-service</c>, <c>edge/until</c>, <c>edge/unsupported</c>.</exception>
    public async Task SetAdmissionAsync(string key, Admission.State state, CancellationToken ct)
    {
        if (state.Until <= time.GetUtcNow())
        {
            throw new Problem("edge/until", $"{state.Until:yyyy-MM-dd'T'HH:mm:sszzz} is over.", "Give a time to come, or none: then it stays until somebody ends it.").AsException();
        }

        followers.Check(key, state);
        using (await WriteAsync(ct))
        {
            var slot = Get(key);
            await followers.SaveAsync([.. _snapshot.Services.Values.Select(s => Saved(s, s == slot ? state : s.Admission.Now))], ct);
            slot.Admission.Set(state);
        }

        LogAdmission(key, state.Mode);
    }

    /// <exception cref="ProblemException"><c>edge/unknown-service</c>.</exception>
    public EdgeServiceState GetState(string key) => ToState(Get(key));

    public IReadOnlyList<EdgeServiceState> GetStates() => [.. _snapshot.Services.Values.OrderBy(s => s.Key, StringComparer.Ordinal).Select(ToState)];

    public IReadOnlyList<ServiceTraffic> GetTraffic() => [.. _snapshot.Services.Values.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => s.Counters.ToTraffic(s.Key))];

    /// <summary>Lets held requests and drains go.</summary>
    public void Stop() => _stopping.Cancel();

    public void Dispose()
    {
        _stopping.Dispose();
        _writer.Dispose();
    }

    private async Task<(IReadOnlyList<LiveTarget> Old, TimeSpan GateTook)> GateAndInstallAsync(string key, EdgeService service, CancellationToken ct)
    {
        var start = keeper.Timestamp;
        using var reserved = followers.Reserve(service.Tcp);
        var current = _snapshot.Services.GetValueOrDefault(key);
        var (targets, fresh) = keeper.KeepOrOpen(service, current);
        IReadOnlyList<ServiceSlot> givers;
        try
        {
            await gate.HealthyAsync(key, fresh, service.Probe.Deadline, twice: false, ct);
            var files = keeper.FilesOf(service);
            using var writing = await WriteAsync(ct);
            var policies = (current?.Policies ?? RoutePolicies.None).With(service.Routes, time);
            givers = [.. (service.TakesFrom ?? []).Select(_snapshot.Services.GetValueOrDefault).OfType<ServiceSlot>().Where(s => s.Key != key)];
            await InstallAsync(
                _snapshot
                    .Yielding(service, [.. givers.Select(g => g.Key)])
                    .With(new(key, service with { TakesFrom = null }, targets, current?.Admission ?? new Admission(), current?.Counters ?? new TrafficCounters(), policies) { Files = files }),
                reserved,
                ct);
        }
        catch
        {
            keeper.Close(fresh);
            throw;
        }

        keeper.Watch(key, fresh);
        ProbeBy(service, targets);
        return ([.. (current?.Targets ?? []).Except(targets), .. givers.SelectMany(LeftBy)], keeper.ElapsedSince(start));
    }

    /// <summary>Targets that a service which gave up routes has no use for any more: all, when none is left to it.</summary>
    private IReadOnlyList<LiveTarget> LeftBy(ServiceSlot giver)
    {
        if (_snapshot.Services.GetValueOrDefault(giver.Key) is { } kept)
        {
            ProbeBy(kept.Service, kept.Targets);
            return [];
        }

        giver.Admission.Wake();
        LogTaken(giver.Key, giver.Targets.Count);
        return giver.Targets;
    }

    /// <summary>Without a port or host of its own a probe follows the first route.</summary>
    private void ProbeBy(EdgeService service, IReadOnlyList<LiveTarget> targets)
    {
        foreach (var target in targets)
        {
            keeper.Judge(target, service);
            target.Probe = ProbePlan.Of(service, new(target.Id, target.Address));
        }
    }

    private async Task<SwitchReport> DrainAsync(string key, IReadOnlyList<LiveTarget> old, EdgeService service, TimeSpan gateTook)
    {
        IReadOnlyList<string> switched = [.. service.Targets.Select(t => t.Id)];
        if (old.Count == 0)
        {
            return new(switched, 0, 0, gateTook, TimeSpan.Zero);
        }

        foreach (var target in old)
        {
            _draining[target] = key;
        }

        var result = await followers.DrainAsync(old, service.DrainFor, Stopping);
        _snapshot.Services.GetValueOrDefault(key)?.Counters.Drained(result.Cut);
        foreach (var target in old)
        {
            _draining.TryRemove(target, out _);
        }

        await keeper.RetireAsync(old);
        LogDrained(key, old.Count, result.Finished, result.Cut);
        return new(switched, result.Finished, result.Cut, gateTook, result.Took);
    }

    /// <summary>Saves, then shows the next snapshot to the readers; only for the one who writes.</summary>
    private async Task InstallAsync(Snapshot next, TcpPorts.Reserved? reserved, CancellationToken ct)
    {
        var before = _snapshot;
        await followers.SaveAsync(Saved(next), ct);
        _snapshot = next;
        followers.Keep(next, reserved);
        foreach (var (key, slot) in before.Services)
        {
            if (next.Services.GetValueOrDefault(key) is var now && now != slot)
            {
                slot.Policies.GiveUp(now?.Policies ?? RoutePolicies.None);
            }
        }
    }

    /// <summary>One at a time changes the snapshot.</summary>
    /// <returns>To be disposed when the change is done.</returns>
    private async Task<IDisposable> WriteAsync(CancellationToken ct)
    {
        await _writer.WaitAsync(ct);
        return new Writing(_writer);
    }

    private ServiceSlot Get(string key) => _snapshot.Services.GetValueOrDefault(key)
        ?? throw new Problem("edge/unknown-service", $"The edge knows no service {key}.", "GET /services lists those it knows.").AsException();

    private EdgeServiceState ToState(ServiceSlot slot)
    {
        var admission = slot.Admission.Now.At(time.GetUtcNow());
        return new()
        {
            Key = slot.Key,
            Service = slot.Service,
            Mode = admission.Mode,
            Message = admission.Message,
            Allow = admission.Allow,
            Until = admission.Until,
            Traffic = slot.Counters.Total(),
            Split = slot.Sides?.ToTraffic(),
            Targets = [.. slot.Targets.Select(t => t.ToState()), .. _draining.Where(d => d.Value == slot.Key).Select(d => d.Key.ToState())],
        };
    }

    private static IReadOnlyList<SavedService> Saved(Snapshot snapshot) => [.. snapshot.Services.Values.Select(s => Saved(s, s.Admission.Now))];

    private static SavedService Saved(ServiceSlot slot, Admission.State state) => new(slot.Key, slot.Service, state.Mode, state.Message, state.MaxWait, state.Allow, state.Until);

    private sealed class Writing(SemaphoreSlim writer) : IDisposable
    {
        public void Dispose() => writer.Release();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Service}: traffic switched to {New} targets, {Old} old ones drain")]
    private partial void LogSwitched(string service, int @new, int old);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Service}: removed, {Old} targets drain")]
    private partial void LogRemoved(string service, int old);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Service}: its routes were taken over, {Old} targets drain")]
    private partial void LogTaken(string service, int old);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Service}: {Old} targets drained, {Finished} requests finished, {Cut} cut")]
    private partial void LogDrained(string service, int old, int finished, int cut);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Service}: now {Mode}")]
    private partial void LogAdmission(string service, ServiceMode mode);
}
