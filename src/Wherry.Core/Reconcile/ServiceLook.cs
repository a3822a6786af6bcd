using System.Globalization;
using Wherry.Core.Model;

namespace Wherry.Core.Reconcile;

/// <summary>One service at one look.</summary>
internal sealed class ServiceLook
{
    private readonly List<SeenContainer> _own;
    private readonly List<SeenContainer> _dead;
    private readonly List<SeenContainer> _extra;
    private readonly List<Drift> _drifts = [];
    private readonly List<Happening> _happenings = [];
    private readonly bool _stopped;
    private readonly SeenTraffic? _traffic;
    private readonly Sightings _since;

    private ServiceLook(WantedService wanted, EnvironmentView view, ServiceMemory memory, Sightings since)
    {
        Wanted = wanted;
        Memory = memory;
        _since = since;
        _stopped = view.Stopped.Contains(wanted.Name);
        _traffic = view.Traffic.GetValueOrDefault(wanted.Name);
        _own = [.. view.Containers.Where(c => c.OneOff is null && c.Service == wanted.Name)];
        Waited = [.. _own.Where(c => c.Doing is Doing.Paused or Doing.CutOff)];

        // Newest release first, then what serves, then what is well; a container that was cut off and comes back finds its place taken.
        Kept = [.. _own.Where(IsAlive).OrderByDescending(c => c.Release).ThenByDescending(c => c.Serving).ThenBy(c => c.Unhealthy).ThenBy(c => c.Doing != Doing.Running).ThenBy(c => c.Number).Take(wanted.Spec.Replicas)];
        _dead = [.. _own.Except(Kept).Where(c => c.Hash == wanted.Hash && !IsAlive(c)).OrderBy(c => c.Number).Take(Lacking)];
        _extra = [.. _own.Except(Kept).Except(_dead)];
    }

    public WantedService Wanted { get; }

    public ServiceName Name => Wanted.Name;

    public ServiceMemory Memory { get; private set; }

    /// <summary>Replicas that stay.</summary>
    public IReadOnlyList<SeenContainer> Kept { get; }

    /// <summary>Paused ones and those without a network: alive for a while.</summary>
    public IReadOnlyList<SeenContainer> Waited { get; }

    /// <summary>Containers that should not exist and are in nobody's way when they go.</summary>
    public IEnumerable<SeenContainer> Surplus => _stopped ? [] : _extra.Where(c => !c.Serving);

    /// <summary>Those of them that go without being asked.</summary>
    public IEnumerable<SeenContainer> Removable => Wanted.Heals ? Surplus : [];

    /// <summary>The first time, what stopped is started again as it is: it keeps what it wrote.</summary>
    public bool CanWake => Memory.Attempts == 0 && _dead.Count == Lacking && _dead.All(c => c.Doing is Doing.Exited or Doing.Created);

    public IReadOnlyList<Drift> Drifts => _drifts;

    public IReadOnlyList<Happening> Happenings => _happenings;

    private int Lacking => Math.Max(0, Wanted.Spec.Replicas - Kept.Count);

    /// <summary>Fewer run than should, and the policy does not say that this is right.</summary>
    private bool IsShort => Lacking > 0 && !(_dead.Count == 0 && Wanted.MayBeGone);

    private bool MayHeal => Wanted.Heals && !(IsShort && (Wanted.Spec.Restart.Condition == RestartCondition.No || _dead.Any(Wanted.HasGivenUp)));

    public static ServiceLook At(WantedService wanted, EnvironmentView view, ServiceMemory memory, Sightings since, DateTimeOffset now)
    {
        var look = new ServiceLook(wanted, view, memory, since);
        if (look._stopped)
        {
            look.WhileStopped();
            return look;
        }

        look.Bury(view.Deaths, now);
        look.Compare(now);
        return look;
    }

    public bool IsDue(DateTimeOffset now) => Memory.DueAt <= now;

    private bool IsAlive(SeenContainer c) => c.Hash == Wanted.Hash
        && (c.Doing is Doing.Running or Doing.Restarting || Wanted.IsDone(c) || (c.Doing is Doing.Paused or Doing.CutOff && !_since.IsOlder($"extra {c.Id}", Backoff.Grace)));

    private void WhileStopped()
    {
        Memory = ServiceMemory.Empty;
        foreach (var c in _own.Where(c => c.Doing is Doing.Running or Doing.Restarting))
        {
            Tell(DriftKind.Running, "stopped", $"{Name}-{c.Number} runs", heals: false);
        }
    }

    /// <summary>Counts the ends; the fifth without a steady run between them is a crash loop.</summary>
    private void Bury(IReadOnlyList<Death> told, DateTimeOffset now)
    {
        var deaths = told.Where(d => d.Service == Name && !(d.ExitCode == 0 && Wanted.MayEnd)).ToList();
        foreach (var c in _dead.Where(c => c.Doing is Doing.Exited or Doing.Dead && !_since.IsKnown($"dead {c.Id}") && deaths.All(d => d.Container != c.Id)))
        {
            deaths.Add(new Death(c.Id, Name, c.Number, c.ExitCode, false, now));
        }

        foreach (var death in deaths)
        {
            var looping = Memory.Deaths + 1 >= Backoff.CrashLoop;
            if (!Memory.CrashLooping)
            {
                _happenings.Add(new(looping ? HappeningKind.CrashLooping : HappeningKind.Died, Name, death.Replica, death));
            }

            Memory = Memory with { Deaths = Memory.Deaths + 1, CrashLooping = looping, WholeSince = null };
        }
    }

    private void Compare(DateTimeOffset now)
    {
        var traffic = TrafficDrift();
        if (IsShort)
        {
            Tell(DriftKind.Missing, Count(Wanted.Spec.Replicas), Missing(), MayHeal);
        }
        else if (traffic is { } drift)
        {
            Tell(DriftKind.Traffic, drift.Wanted, drift.Found, MayHeal);
        }

        foreach (var c in _extra)
        {
            _drifts.Add(new(DriftKind.Extra, Name, Count(Wanted.Spec.Replicas), $"{Name}-{c.Number} of r{c.Release} besides", _since.Of($"extra {c.Id}"), Wanted.Heals && !c.Serving));
        }

        foreach (var c in Kept.Where(c => c.Differences is { Count: > 0 }))
        {
            _drifts.Add(new(DriftKind.Settings, Name, "as it was deployed", $"{Name}-{c.Number} has other {string.Join(", ", c.Differences!)}", _since.Of($"settings {c.Id}"), false));
        }

        Remember(IsShort || traffic is not null, now);
        if (Memory.CrashLooping)
        {
            Tell(DriftKind.CrashLoop, "runs steadily", string.Create(CultureInfo.InvariantCulture, $"ended {Memory.Deaths} times without running for {Backoff.Steady.TotalMinutes:0} min"), heals: false);
        }
    }

    private void Remember(bool broken, DateTimeOffset now)
    {
        if (broken)
        {
            Memory = Memory with { WholeSince = null, Healing = false, DueAt = MayHeal ? Due(now) : null };
            return;
        }

        if (Memory.Healing)
        {
            _happenings.Add(new(HappeningKind.Replaced, Name, Name.Value));
        }

        var whole = Memory.WholeSince ?? now;
        var steady = now - whole >= Backoff.Steady;
        if (steady && Memory.CrashLooping)
        {
            _happenings.Add(new(HappeningKind.Steady, Name, Name.Value));
        }

        Memory = steady ? new ServiceMemory { WholeSince = whole } : Memory with { WholeSince = whole, Healing = false, DueAt = null };
    }

    /// <summary>What was decided before, unless the clock was set back in between.</summary>
    private DateTimeOffset Due(DateTimeOffset now)
    {
        var latest = now + Backoff.After(Memory.Attempts);
        return Memory.DueAt is { } due && due <= latest ? due : latest;
    }

    private (string Wanted, string Found)? TrafficDrift()
    {
        if (!Wanted.IsRouted)
        {
            return _traffic is null ? null : ("no route", "the edge has routes");
        }

        var running = Kept.Where(c => c.Doing == Doing.Running).ToList();
        return _traffic switch
        {
            null => ("a route at the edge", "none"),
            var t when !t.Routes.SequenceEqual(Wanted.Spec.Routes) || !(t.Tcp ?? []).SequenceEqual(Wanted.Spec.Tcp ?? []) => ("the release's routes at the edge", "others"),
            var t when running.Any(c => !t.Targets.Contains(c.Id)) => ($"traffic to {Names(running)}", $"traffic to {Names(running.Where(c => t.Targets.Contains(c.Id)))}"),
            var t when t.Targets.Any(id => Kept.All(c => c.Id != id)) => ($"traffic to {Names(running)}", "traffic to others too"),
            _ => null,
        };
    }

    private string Missing()
    {
        var ended = _dead.Select(c => c.Doing switch
        {
            Doing.Exited when c.ExitCode is { } code => $"{Name}-{c.Number} exited with {code}",
            Doing.Paused => $"{Name}-{c.Number} is paused",
            Doing.CutOff => $"{Name}-{c.Number} is on no network",
            _ => $"{Name}-{c.Number} does not run",
        });
        return string.Join("; ", [Count(Kept.Count), .. ended, .. _dead.Any(Wanted.HasGivenUp) ? ["its restart policy leaves it so"] : Array.Empty<string>()]);
    }

    private string Names(IEnumerable<SeenContainer> containers) => string.Join(", ", containers.Select(c => $"{Name}-{c.Number}").DefaultIfEmpty("nobody"));

    private static string Count(int replicas) => replicas == 1 ? "1 replica" : $"{replicas} replicas";

    private void Tell(DriftKind kind, string wanted, string found, bool heals) => _drifts.Add(new(kind, Name, wanted, found, _since.Of($"{kind} {Name}"), heals));
}
