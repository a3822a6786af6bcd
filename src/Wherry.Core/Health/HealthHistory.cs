namespace Wherry.Core.Health;

/// <summary>Remembers from one look to the next how long each replica has been healthy on end. A restart or a failing check begins it anew.</summary>
public sealed class HealthHistory
{
    private readonly Dictionary<int, ReplicaHealth> _before = [];

    /// <summary>What was seen now, with how long it has been so.</summary>
    public IReadOnlyList<ReplicaHealth> With(IReadOnlyList<ReplicaHealth> seen, HealthGate gate, DateTimeOffset now) => [.. seen.Select(s => _before[s.Number] = One(s, gate, now))];

    private ReplicaHealth One(ReplicaHealth seen, HealthGate gate, DateTimeOffset now)
    {
        var before = _before.GetValueOrDefault(seen.Number);
        var healthy = seen.ExitCode is null && gate.Passed(seen, now);
        var same = before is not null && before.StartedAt == seen.StartedAt && before.Restarts == seen.Restarts;
        return seen with
        {
            HealthySince = !healthy ? null : same ? before!.HealthySince ?? now : now,
            FirstHealthy = before?.FirstHealthy ?? (healthy ? now : null),
            LastHealthy = healthy ? now : before?.LastHealthy,
        };
    }
}
