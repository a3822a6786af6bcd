using Wherry.Core.Model;
using Wherry.Core.Planning;
using Wherry.Core.Problems;

namespace Wherry.Core.Tests.Simulation;

/// <summary>An engine and an edge in memory that do what steps say, and refuse what the real ones refuse.</summary>
internal sealed class World
{
    private int _ids;

    public Dictionary<(ServiceName Service, int Number), Container> Containers { get; } = [];

    public Dictionary<ServiceName, EdgeEntry> Edge { get; } = [];

    public HashSet<string> Networks { get; } = [];

    public HashSet<string> Volumes { get; } = [];

    /// <summary>Release commands that ran.</summary>
    public List<ServiceName> Released { get; } = [];

    /// <summary>A world in which nothing but this release runs, whole and well.</summary>
    public static World Running(Release release)
    {
        var world = new World();
        foreach (var step in Planner.Make(new PlanInput { Wanted = release, Seen = Observed.Nothing }).Steps)
        {
            world.Run(step, release);
        }

        world.Released.Clear();
        return world;
    }

    public static bool IsBad(ServiceSpec spec) => spec.Image?.Value.StartsWith("bad", StringComparison.Ordinal) ?? false;

    public Observed Observe() => new()
    {
        Replicas =
        [
            .. Containers.OrderBy(c => c.Key.Service.Value, StringComparer.Ordinal).ThenBy(c => c.Key.Number).Select(c => new ObservedReplica(
                c.Value.Id, c.Key.Service, c.Key.Number, c.Value.Release, c.Value.Hash, c.Value.State, "10.0.0.1", Serves(c.Key.Service, c.Key.Number))),
        ],
        Networks = Networks.ToHashSet(),
        Volumes = Volumes.ToHashSet(),
        Routed = Edge.Keys.ToHashSet(),
        Routes = Edge.ToDictionary(e => e.Key, e => e.Value.Routes),
        Held = Edge.Where(e => e.Value.Held).Select(e => e.Key).ToHashSet(),
    };

    public bool Serves(ServiceName service, int number) => Edge.TryGetValue(service, out var entry) && entry.Targets.Contains(number);

    public IEnumerable<(int Number, Container Container)> Of(ServiceName service) => Containers.Where(c => c.Key.Service == service).Select(c => (c.Key.Number, c.Value));

    public int RunningOf(ServiceName service) => Of(service).Count(c => c.Container.State == ReplicaState.Running);

    /// <summary>Replicas that get requests and can answer them.</summary>
    public int AnsweringOf(ServiceName service) => Of(service).Count(c => c.Container is { State: ReplicaState.Running, Healthy: true } && Serves(service, c.Number));

    /// <summary>Does the step with the settings of <paramref name="release"/>. May be done again.</summary>
    public void Run(Step step, Release release)
    {
        switch (step)
        {
            case Step.EnsureNetwork s:
                Networks.Add(s.Network);
                break;
            case Step.EnsureVolume s:
                Volumes.Add(s.Volume);
                break;
            case Step.RunRelease s:
                Released.Add(s.Service);
                RefuseBad(s.Service, release);
                break;
            case Step.RunToCompletion s:
                Containers.Remove((s.Service, s.Number));
                RefuseBad(s.Service, release);
                Start(s.Service, s.Number, release, ReplicaState.Completed);
                break;
            case Step.StartReplicas s:
                s.Numbers.ToList().ForEach(n => Start(s.Service, n, release, ReplicaState.Running));
                break;
            case Step.WakeReplicas s:
                s.Numbers.ToList().ForEach(n => Containers[(s.Service, n)].State = ReplicaState.Running);
                break;
            case Step.StopReplicas s:
                s.Numbers.ToList().ForEach(n => Stop(s.Service, n));
                break;
            case Step.ReplaceCanaries s:
                s.Numbers.ToList().ForEach(n => Containers.Remove((s.Service, n)));
                break;
            case Step.RemoveReplicas s:
                s.Numbers.ToList().ForEach(n => Containers.Remove((s.Service, n)));
                break;
            case Step.HoldTraffic s:
                Hold(s.Service, true);
                break;
            case Step.ReleaseTraffic s:
                Hold(s.Service, false);
                break;
            case Step.SwitchTraffic s:
                Switch(s, release.Model.Services[s.Service]);
                break;
            case Step.RemoveRoutes s:
                Edge.Remove(s.Service);
                break;
        }
    }

    private void Start(ServiceName service, int number, Release release, ReplicaState state)
    {
        var spec = release.Model.Services[service];
        Containers[(service, number)] = new Container($"c{++_ids}", release.Number, SpecHash.Of(spec)) { State = IsBad(spec) ? ReplicaState.Failed : state, Healthy = !IsBad(spec) };
    }

    private void Stop(ServiceName service, int number)
    {
        if (Containers.TryGetValue((service, number), out var container) && container.State == ReplicaState.Running)
        {
            container.State = ReplicaState.Failed;
        }
    }

    private static void RefuseBad(ServiceName service, Release release)
    {
        if (IsBad(release.Model.Services[service]))
        {
            throw new Problem("release/failed", $"The command of {service} exited with code 1.", "Mend it.").AsException();
        }
    }

    private void Hold(ServiceName service, bool held)
    {
        if (Edge.TryGetValue(service, out var entry))
        {
            entry.Held = held;
        }
    }

    private void Switch(Step.SwitchTraffic step, ServiceSpec spec)
    {
        foreach (var number in step.Numbers.Where(n => !Serves(step.Service, n)))
        {
            if (Containers.GetValueOrDefault((step.Service, number)) is not { State: ReplicaState.Running, Healthy: true })
            {
                throw new Problem("health/deadline", $"{step.Service}-{number} is not healthy.", "Mend it.").AsException();
            }
        }

        foreach (var (other, entry) in Edge.Where(e => e.Key != step.Service).ToList())
        {
            TakeOver(other, entry, spec.Routes);
        }

        Edge[step.Service] = new EdgeEntry(spec.Routes, [.. step.Numbers]) { Held = Edge.GetValueOrDefault(step.Service)?.Held ?? false };
    }

    /// <summary>One that keeps no route is gone.</summary>
    private void TakeOver(ServiceName from, EdgeEntry entry, IReadOnlyList<Route> taken)
    {
        var kept = entry.Routes.Where(r => !taken.Any(n => n.Host == r.Host && n.Path == r.Path)).ToList();
        if (kept.Count == 0)
        {
            Edge.Remove(from);
        }
        else if (kept.Count < entry.Routes.Count)
        {
            Edge[from] = new EdgeEntry(kept, entry.Targets) { Held = entry.Held };
        }
    }

    internal sealed class Container(string id, int release, string hash)
    {
        public string Id { get; } = id;

        public int Release { get; } = release;

        public string Hash { get; } = hash;

        public ReplicaState State { get; set; } = ReplicaState.Running;

        public bool Healthy { get; set; } = true;
    }

    internal sealed class EdgeEntry(IReadOnlyList<Route> routes, HashSet<int> targets)
    {
        public IReadOnlyList<Route> Routes { get; } = routes;

        public HashSet<int> Targets { get; } = targets;

        public bool Held { get; set; }
    }
}
