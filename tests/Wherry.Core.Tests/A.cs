using Wherry.Core.Deployments;
using Wherry.Core.Model;
using Wherry.Core.Planning;
using Wherry.Core.Problems;

namespace Wherry.Core.Tests;

/// <summary>Builds what tests need, with good defaults: a test says only what matters to it.</summary>
internal static class A
{
    public static readonly DateTimeOffset Noon = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public static readonly Problem Problem = new("test/went-wrong", "It went wrong.", "Mend it.");

    public static readonly Problem EngineOutage = new("docker/unreachable", "The engine does not answer.", "Wait.");

    public static readonly Problem EdgeOutage = new("edge/unreachable", "The edge does not answer.", "Wait.");

    public static ServiceName Name(string text) => ServiceName.Parse(text);

    /// <summary>A service without routes that runs <c>image:1</c> once.</summary>
    public static ServiceSpec Worker(string name, string image = "image:1", int replicas = 1) => new() { Name = Name(name), Image = ImageReference.Parse(image), Replicas = replicas };

    /// <summary>A service that answers <c>{name}.test</c> on port 80.</summary>
    public static ServiceSpec Web(string name = "web", string image = "image:1", int replicas = 1, DeployStrategy? strategy = null, int surge = 1) => Worker(name, image, replicas) with
    {
        Routes = [Route($"{name}.test")],
        Deploy = new DeploySpec { Strategy = strategy, Surge = surge },
    };

    public static ServiceSpec After(this ServiceSpec spec, string other, DependencyCondition condition = DependencyCondition.Started, bool required = true, bool restart = false) =>
        spec with { DependsOn = [.. spec.DependsOn, new Dependency(Name(other), condition, required, restart)] };

    public static Route Route(string host, string path = "/", int port = 80) => new(HostName.Parse(host), PathPrefix.Parse(path), port);

    public static Mount Volume(string name) => new(MountKind.Volume, name, $"/{name}", false);

    public static ProjectModel Model(params IEnumerable<ServiceSpec> services) => new() { Services = services.ToDictionary(s => s.Name) };

    public static Release Release(int number, params IEnumerable<ServiceSpec> services) => new(number, Model(services));

    public static ObservedReplica Replica(ServiceSpec spec, int number = 1, ReplicaState state = ReplicaState.Running, bool serving = false, int inFlight = 0) =>
        new($"{spec.Name}-{number}", spec.Name, number, 1, SpecHash.Of(spec), state, "10.0.0.1", serving, inFlight);

    /// <summary>The plan for <paramref name="wanted"/> where <paramref name="current"/> runs in full.</summary>
    public static Plan Plan(Release current, Release wanted) =>
        Planner.Make(new PlanInput { Current = current, Wanted = wanted, Seen = Simulation.World.Running(current).Observe() });

    public static Deployment Deployment(Stage stage = Stage.Starting, DeploymentKind kind = DeploymentKind.Deploy, int attempts = 0, TimeSpan ago = default, params IReadOnlyList<Step> steps) => new()
    {
        Id = "d1",
        Kind = kind,
        Stage = stage,
        StageSince = Noon - ago,
        Attempts = attempts,
        Plan = new Plan { Steps = steps },
    };

    public static Seen Seen(Observed? world = null, TimeSpan drain = default) => new(world ?? Observed.Nothing, null, [], drain);
}
