using Wherry.Core.Deployments;
using Wherry.Core.Health;
using Wherry.Core.Model;
using Wherry.Core.Planning;
using Wherry.Core.Problems;

namespace Wherry.Core.Tests.Simulation;

/// <summary>The deploy worker's loop without engine, edge, store and clock; it holds the flow's promises at every turn.</summary>
internal sealed class Drive(World world, Release? current, Release wanted, Faults faults, DeploymentKind kind = DeploymentKind.Deploy)
{
    private readonly HashSet<string> _judged = [.. world.Containers.Where(c => world.Serves(c.Key.Service, c.Key.Number)).Select(c => c.Value.Id)];
    private readonly HashSet<string> _old = [.. world.Containers.Values.Select(c => c.Id)];
    private readonly Dictionary<Step, HealthHistory> _histories = [];
    private readonly bool _served = world.Edge.Keys.Any(s => world.AnsweringOf(s) > 0);
    private Deployment _d = new() { Id = "d1", Kind = kind, Stage = Stage.Cut, StageSince = A.Noon };
    private DateTimeOffset _now = A.Noon;

    /// <summary>Every step that was taken, for messages.</summary>
    public List<string> History { get; } = [];

    public Deployment End => _d;

    private Release Target => _d.Stage == Stage.Undoing ? current ?? new Release(0, A.Model()) : wanted;

    public static Drive ToTheEnd(World world, Release? current, Release wanted, Faults faults, DeploymentKind kind = DeploymentKind.Deploy)
    {
        var drive = new Drive(world, current, wanted, faults, kind);
        for (var turns = 0; drive._d.Stage != Stage.Finished; turns++)
        {
            Assert.True(turns < 1500, drive.Because("it does not end"));
            drive.Turn();
        }

        return drive;
    }

    private void Turn()
    {
        var step = DeployFlow.Next(_d, Look(), _now);
        Assert.Equal(step.Describe(), DeployFlow.Next(_d, Look(), _now).Describe());
        try
        {
            Act(step);
        }
        catch (ProblemException e)
        {
            _d = _d with { Attempts = _d.Attempts + 1 };
            var answer = DeployFlow.OnProblem(_d, world.Observe(), step, e.Problem);
            History.Add($"  ! {step} failed ({e.Problem.Code}): {answer}");
            step = answer;
        }

        Record(step);
    }

    private Seen Look()
    {
        var (service, numbers) = _d.Present switch
        {
            Step.AwaitHealthy s => (s.Service, s.Numbers),
            Step.Monitor s => (s.Service, s.Numbers),
            Step.AwaitPromotion s => (s.Service, s.Numbers),
            _ => (null, []),
        };
        var gate = service is not null && Target.Model.Services.GetValueOrDefault(service) is { } spec ? HealthGate.For(spec, false) : null;
        if (gate is null)
        {
            return new Seen(world.Observe(), null, [], TimeSpan.FromSeconds(30));
        }

        _histories.TryAdd(_d.Present!, new HealthHistory());
        var health = _histories[_d.Present!].With([.. numbers.Where(n => world.Containers.ContainsKey((service!, n))).Select(n => Health(service!, n))], gate, _now);
        return new Seen(world.Observe(), gate, health, TimeSpan.FromSeconds(30));
    }

    private ReplicaHealth Health(ServiceName service, int number)
    {
        var container = world.Containers[(service, number)];
        var exit = container.State switch { ReplicaState.Running => (int?)null, ReplicaState.Completed => 0, _ => 1 };
        return new ReplicaHealth(number, A.Noon - TimeSpan.FromSeconds(10), exit, AwaitedSince: _d.StepSince, Edge: container.Healthy ? new EdgeVerdict(null) : null);
    }

    private void Act(Step step)
    {
        switch (step)
        {
            case Step.Wait wait:
                _now += wait.For < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : wait.For;
                _d = _d with { Promoted = _d.Promoted || (_d.Present is Step.AwaitPromotion && wait.Because.Contains("promote", StringComparison.Ordinal)) };
                return;
            case Step.LeaveOut left:
                _judged.UnionWith(((Step.AwaitHealthy)_d.Present!).Numbers.Except(left.Numbers).Select(n => world.Containers[(left.Service, n)].Id));
                break;
            case Step.Monitor or Step.AwaitPromotion:
                break;
            case Step.AwaitHealthy gate:
                _judged.UnionWith(gate.Numbers.Select(n => world.Containers[(gate.Service, n)].Id));
                break;
            case Step.MakePlan or Step.Finish or Step.Abandon or Step.Revert or Step.Skip:
                break;
            default:
                Check(step);
                faults.Strike(world, (s, c) => _old.Contains(c.Id) && wanted.Model.Services.TryGetValue(s, out var spec) && SpecHash.Of(spec) != c.Hash);
                faults.Run(step, () => world.Run(step is Step.SwitchTraffic t ? t with { Numbers = SwitchTargets.Of(_d, world.Observe(), t) } : step, Target));
                break;
        }
    }

    private void Check(Step step)
    {
        foreach (var number in step is Step.StopReplicas s ? s.Numbers : step is Step.RemoveReplicas r ? r.Numbers : [])
        {
            Assert.False(world.Serves(step.About()!, number), Because($"{step} takes away what serves"));
        }

        foreach (var number in step is Step.SwitchTraffic t ? t.Numbers : [])
        {
            var container = world.Containers.GetValueOrDefault((step.About()!, number));
            Assert.True(container is null || _judged.Contains(container.Id), Because($"{step} sends traffic to what was not judged"));
        }
    }

    private void Record(Step step)
    {
        if (step is not Step.Wait)
        {
            History.Add($"{_d.Stage}: {step}");
        }

        var before = _d;
        _d = _d.After(step, _now);
        _now += TimeSpan.FromMilliseconds(100);
        Assert.True(_d.Stage >= before.Stage, Because($"the stage went back from {before.Stage}"));
        Assert.False(step is Step.Abandon && _served && before.Stage >= Stage.Switched, Because("a release that serves was abandoned"));
        switch (step)
        {
            case Step.MakePlan:
                _d = _d with { Plan = Planner.Make(new PlanInput { Current = current, Wanted = wanted, Seen = world.Observe() }), Done = 0 };
                break;
            case Step.Abandon or Step.Revert:
                Assert.True(before.Stage != Stage.Undoing, Because("an undo was undone"));
                var undo = Planner.MakeUndo(current, wanted, world.Observe());
                var failedAt = Math.Min(_d.Done + 1, _d.Plan.Steps.Count);
                _d = _d with { Plan = _d.Plan with { Steps = [.. _d.Plan.Steps.Take(failedAt), .. undo.Steps] }, Done = failedAt };
                break;
        }
    }

    public string Because(string what) => $"{what}\n{faults}\n{string.Join('\n', History)}\nleft to do:\n{string.Join('\n', _d.Plan.Steps.Skip(_d.Done))}";
}
