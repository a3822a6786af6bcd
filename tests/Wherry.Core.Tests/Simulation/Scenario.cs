using FsCheck;
using FsCheck.Fluent;
using Wherry.Core.Model;
using Wherry.Core.Planning;

namespace Wherry.Core.Tests.Simulation;

/// <summary>Two releases of one project, the second made from the first by changes that people make.</summary>
internal sealed record Scenario(int Seed, Release Current, Release Wanted)
{
    private static readonly string[] Names = ["api", "cache", "db", "migrate", "web", "worker"];

    /// <param name="bad">Some images of the wanted release do not start.</param>
    public static Arbitrary<Scenario> All(bool bad = false) =>
        Arb.From(Gen.Choose(0, int.MaxValue - 1).Select(seed => From(seed, bad)), Smaller);

    public override string ToString() => $"seed {Seed}\n  from: {Show(Current)}\n  to:   {Show(Wanted)}";

    public Random Random() => new(Seed ^ 77);

    public World World() => Simulation.World.Running(Current);

    /// <summary>The same with leftovers: dead containers, replicas that do not serve, other settings, strangers.</summary>
    public World UntidyWorld()
    {
        var world = World();
        var random = Random();
        foreach (var (key, container) in world.Containers.ToList().Where(_ => random.Next(5) == 0))
        {
            container.State = ReplicaState.Failed;
        }

        foreach (var spec in Current.Model.Services.Values.Concat(Wanted.Model.Services.Values).Where(_ => random.Next(4) == 0))
        {
            var number = world.Of(spec.Name).Select(c => c.Number).DefaultIfEmpty().Max() + random.Next(1, 4);
            var hash = random.Next(2) == 0 ? SpecHash.Of(spec) : "0123456789abcdef";
            world.Containers[(spec.Name, number)] = new World.Container($"left-{spec.Name}-{number}", 1, hash) { State = (ReplicaState)random.Next(4) };
        }

        if (random.Next(4) == 0)
        {
            world.Containers[(A.Name("stranger"), 1)] = new World.Container("stranger", 1, "x");
        }

        return world;
    }

    public static Scenario From(int seed, bool bad)
    {
        var random = new Random(seed);
        var services = new List<ServiceSpec>();
        foreach (var name in Names.OrderBy(_ => random.Next()).Take(random.Next(1, 5)))
        {
            services.Add(Service(name, services, random));
        }

        var current = A.Release(1, services);
        return new Scenario(seed, current, new Release(2, Changed(current.Model, random, bad)));
    }

    private static ServiceSpec Service(string name, List<ServiceSpec> before, Random random)
    {
        var spec = A.Worker(name, $"image:{random.Next(1, 3)}", random.Next(0, 6)) with
        {
            Deploy = new DeploySpec { Surge = random.Next(1, 4), Strategy = random.Next(4) is var s and < 3 ? (DeployStrategy)s : null, Canary = random.Next(4) == 0 ? random.Next(1, 4) : 0, AutoPromote = random.Next(2) == 0, Monitor = TimeSpan.FromSeconds(random.Next(4) == 0 ? 10 : 0) },
            Routes = name is "web" or "api" || random.Next(4) == 0 ? [A.Route($"{name}.test")] : [],
            Canary = random.Next(4) == 0 ? new CanarySpec { Stages = [new(1, TimeSpan.FromSeconds(2), Mirrored: random.Next(2) == 0), new(random.Next(2, 90))] } : null,
            Release = random.Next(4) == 0 ? ["migrate"] : null,
            Mounts = random.Next(4) == 0 ? [A.Volume(name)] : [],
            Ports = random.Next(6) == 0 ? [new PublishedPort(null, 5432, 5432, "tcp")] : [],
            Networks = new Dictionary<string, NetworkAttachment> { ["default"] = new([]) },
            Restart = new RestartPolicy(random.Next(5) == 0 ? RestartCondition.No : RestartCondition.UnlessStopped),
        };
        return before.Where(_ => random.Next(3) == 0).Aggregate(spec, (s, d) => s.After(d.Name.Value, Condition(d, random), random.Next(4) > 0, random.Next(4) == 0));
    }

    private static DependencyCondition Condition(ServiceSpec on, Random random) =>
        on.Routes.Count > 0 ? (DependencyCondition)random.Next(2) : (DependencyCondition)random.Next(3);

    private static ProjectModel Changed(ProjectModel model, Random random, bool bad)
    {
        var services = model.Services.Values.Where(_ => random.Next(8) > 0).Select(s => Changed(s, random, bad)).ToList();
        if (random.Next(4) == 0 && Names.Except(model.Services.Keys.Select(k => k.Value)).FirstOrDefault() is { } added)
        {
            services.Add(Service(added, services, random));
        }

        // A host that moves to another service, and two that exchange theirs.
        var routed = services.Where(s => s.Routes.Count > 0).ToList();
        if (routed.Count > 1 && random.Next(4) == 0)
        {
            services[services.IndexOf(routed[0])] = routed[0] with { Routes = routed[1].Routes };
            services[services.IndexOf(routed[1])] = routed[1] with { Routes = random.Next(2) == 0 ? routed[0].Routes : [] };
        }

        var names = services.Select(s => s.Name).ToHashSet();
        var jobs = services.SelectMany(s => s.DependsOn).Where(d => d.Condition == DependencyCondition.CompletedSuccessfully).Select(d => d.Service).ToHashSet();
        return A.Model(services.Select(s => s with { Routes = jobs.Contains(s.Name) ? [] : s.Routes, DependsOn = [.. s.DependsOn.Where(d => names.Contains(d.Service))] }));
    }

    private static ServiceSpec Changed(ServiceSpec spec, Random random, bool bad) => random.Next(9) switch
    {
        0 or 1 => spec with { Image = ImageReference.Parse(bad && random.Next(2) == 0 ? "bad:1" : "image:9") },
        2 => spec with { Replicas = random.Next(0, 6) },
        3 => spec with { Image = ImageReference.Parse("image:8"), Replicas = random.Next(0, 6), Deploy = spec.Deploy with { Strategy = (DeployStrategy)random.Next(3) } },
        4 when spec.Routes.Count > 0 => spec with { Routes = [spec.Routes[0] with { Port = 8080 }] },
        5 when spec.Routes.Count > 0 => spec with { Routes = [.. spec.Routes, A.Route($"new-{spec.Name}.test")] },
        6 => spec with { Routes = spec.Routes.Count > 0 ? [] : [A.Route($"{spec.Name}.test")] },
        7 => spec with { Environment = new Dictionary<string, string> { ["CHANGED"] = "yes" } },
        _ => spec,
    };

    private static IEnumerable<Scenario> Smaller(Scenario scenario)
    {
        foreach (var name in scenario.Current.Model.Services.Keys.Union(scenario.Wanted.Model.Services.Keys))
        {
            yield return scenario with { Current = Without(scenario.Current, name), Wanted = Without(scenario.Wanted, name) };
        }
    }

    private static Release Without(Release release, ServiceName name) => release with
    {
        Model = A.Model(release.Model.Services.Values.Where(s => s.Name != name).Select(s => s with { DependsOn = [.. s.DependsOn.Where(d => d.Service != name)] })),
    };

    private static string Show(Release release) => string.Join("; ", release.Model.Services.Values.Select(s =>
        $"{s.Name} {s.Image} x{s.Replicas} {UpdateOrder.Of(s)} surge {s.Deploy.Surge}{(s.Routes.Count > 0 ? $" {string.Join(' ', s.Routes.Select(r => $"{r.Host}:{r.Port}"))}" : "")}{(s.Release is null ? "" : " release")}{string.Concat(s.DependsOn.Select(d => $" >{d.Service}:{d.Condition}{(d.Required ? "" : "?")}{(d.Restart ? "!" : "")}"))}"));
}
