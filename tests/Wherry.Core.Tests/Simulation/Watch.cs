using Wherry.Core.Model;
using Wherry.Core.Planning;

namespace Wherry.Core.Tests.Simulation;

/// <summary>Runs a plan in a world and holds the promises of planning against every step.</summary>
internal sealed class Watch
{
    private readonly World _world;
    private readonly PlanInput _input;
    private readonly Plan _plan;
    private readonly Dictionary<ServiceName, int> _initial;
    private readonly Dictionary<ServiceName, int> _serving;
    private readonly HashSet<(ServiceName, int)> _judged;
    private readonly HashSet<(ServiceName, int)> _foreign;

    public Watch(World world, PlanInput input)
    {
        _world = world;
        _input = input with { Seen = world.Observe() };
        _plan = Planner.Make(_input);
        var services = Model.Services.Keys;
        _initial = services.ToDictionary(s => s, world.RunningOf);
        _serving = services.ToDictionary(s => s, world.AnsweringOf);
        _judged = [.. world.Containers.Keys.Where(k => world.Serves(k.Service, k.Number))];
        _foreign = [.. world.Containers.Keys.Where(k => !services.Contains(k.Service))];
    }

    private ProjectModel Model => _input.Wanted.Model;

    public static World Run(World world, Release? current, Release wanted, int atMost = int.MaxValue, Func<PlanInput, PlanInput>? with = null)
    {
        var input = new PlanInput { Current = current, Wanted = wanted, Seen = Observed.Nothing };
        new Watch(world, with is null ? input : with(input)).Run(atMost);
        return world;
    }

    private void Run(int atMost)
    {
        HoldOrder();
        foreach (var step in _plan.Steps.Take(atMost))
        {
            Before(step);
            _world.Run(step, _input.Wanted);
            After(step);
        }
    }

    private void Before(Step step)
    {
        switch (step)
        {
            case Step.StartReplicas s:
                Assert.All(s.Numbers, n => Assert.False(_world.Containers.ContainsKey((s.Service, n)), Because(step, "the number is taken")));
                NeverOverlap(s);
                break;
            case Step.AwaitHealthy s:
                _judged.UnionWith(s.Numbers.Select(n => (s.Service, n)));
                break;
            case Step.SwitchTraffic s:
                Assert.All(s.Numbers, n => Assert.True(_judged.Contains((s.Service, n)), Because(step, $"{s.Service}-{n} was not judged healthy")));
                break;
            case Step.StopReplicas s:
                Assert.All(s.Numbers, n => Assert.False(_world.Serves(s.Service, n), Because(step, $"{s.Service}-{n} still serves")));
                break;
            case Step.RemoveReplicas s:
                Assert.All(s.Numbers, n => Assert.False(_world.Serves(s.Service, n), Because(step, $"{s.Service}-{n} still serves")));
                Assert.All(s.Numbers, n => Assert.True(_world.Containers.ContainsKey((s.Service, n)), Because(step, $"there is no {s.Service}-{n}")));
                break;
        }
    }

    private void After(Step step)
    {
        foreach (var spec in Model.Services.Values.Where(s => UpdateOrder.Of(s) != DeployStrategy.Recreate && !IsJob(s)))
        {
            if (UpdateOrder.Of(spec) == DeployStrategy.Rolling && !PortsChanged(spec))
            {
                var most = Math.Max(_initial[spec.Name] + (_input.Canaries ? spec.Canary is null ? spec.Deploy.Canary : spec.Replicas : 0), spec.Replicas + spec.Deploy.Surge);
                Assert.True(_world.RunningOf(spec.Name) <= most, Because(step, $"more than {most} of {spec.Name} run"));
            }

            if (spec.Routes.Count > 0 && !MovesRoutes(spec))
            {
                var least = Math.Min(_serving[spec.Name], spec.Replicas);
                Assert.True(_world.AnsweringOf(spec.Name) >= least, Because(step, $"fewer than {least} of {spec.Name} answer"));
            }
        }

        if (!_input.RemoveOrphans)
        {
            Assert.True(_foreign.All(_world.Containers.ContainsKey), Because(step, "a stranger was touched"));
        }
    }

    /// <summary>Replicas that recreate replaces are down before their successors start.</summary>
    private void NeverOverlap(Step.StartReplicas step)
    {
        var spec = Model.Services[step.Service];
        if (UpdateOrder.Of(spec) == DeployStrategy.Recreate && spec.Replicas > 0)
        {
            var others = _world.Of(step.Service).Count(c => c.Container.State == ReplicaState.Running && (c.Container.Hash != SpecHash.Of(spec) || _input.Restart.Contains(spec.Name)));
            Assert.True(others == 0, Because(step, $"{others} old ones still run"));
        }
    }

    /// <summary>What a service needs comes before it: dependencies, their gates, its release command.</summary>
    private void HoldOrder()
    {
        var steps = _plan.Steps.ToList();
        foreach (var spec in Model.Services.Values)
        {
            var start = steps.FindIndex(s => Starts(s, spec.Name));
            var releases = steps.Count(s => s is Step.RunRelease r && r.Service == spec.Name);
            Assert.True(releases <= 1, Because(null, $"the release command of {spec.Name} runs {releases} times"));
            Assert.True(releases == 0 || start > steps.FindIndex(s => s is Step.RunRelease r && r.Service == spec.Name), Because(null, $"{spec.Name} starts before its release command, or not at all"));
            foreach (var dependency in spec.DependsOn.Where(_ => start >= 0))
            {
                Assert.True(steps.FindIndex(s => Starts(s, dependency.Service)) < start, Because(steps[start], $"{dependency.Service} starts later"));
                var gate = steps.FindIndex(s => s is Step.AwaitHealthy g && g.Service == dependency.Service);
                Assert.True(dependency.Condition != DependencyCondition.Healthy || gate < start, Because(steps[start], $"{dependency.Service} is judged later"));
                Assert.True(dependency.Condition != DependencyCondition.Healthy || gate >= 0 || Model.Services[dependency.Service].Replicas == 0 || IsJob(Model.Services[dependency.Service]), Because(steps[start], $"{dependency.Service} is not judged at all"));
            }
        }

        bool Starts(Step step, ServiceName service) => step is Step.StartReplicas s && s.Service == service || step is Step.RunToCompletion j && j.Service == service;
    }

    private bool IsJob(ServiceSpec spec) => Dependents.WaitForCompletion(Model, spec.Name);

    private bool PortsChanged(ServiceSpec spec) => _input.Current?.Model.Services.GetValueOrDefault(spec.Name) is { } before && !before.Routes.Select(r => r.Port).SequenceEqual(spec.Routes.Select(r => r.Port));

    /// <summary>It gives a route to another service or takes one: there the two meet.</summary>
    private bool MovesRoutes(ServiceSpec spec) => _input.Current is { } current && Model.Services.Values.Any(o =>
        o.Name != spec.Name && current.Model.Services.GetValueOrDefault(spec.Name) is { } before && before.Routes.Any(r => o.Routes.Any(n => n.Host == r.Host)));

    private string Because(Step? at, string what) => $"{what}{(at is null ? "" : $" at \"{at}\"")} in the plan:\n  {string.Join("\n  ", _plan.Steps)}";
}
