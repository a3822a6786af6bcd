using FsCheck;
using FsCheck.Fluent;
using Wherry.Core.Model;
using Wherry.Core.Planning;
using Wherry.Core.Reconcile;

namespace Wherry.Core.Tests.Reconcile;

/// <summary>What holds for every look and every heal.</summary>
public sealed class ReconcilePropertyTests
{
    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(500).WithQuietOnSuccess(true);

    [Fact]
    public void What_serves_is_never_removed_and_the_same_look_says_the_same() => ForAll((view, _) =>
    {
        var memory = EnvironmentMemory.Empty;
        foreach (var minutes in new[] { 0, 1, 2, 20 })
        {
            var at = A.Noon.AddMinutes(minutes);
            var result = ReconcileFlow.Next(memory, view, at);
            var again = ReconcileFlow.Next(memory, view, at);

            Assert.Equal(Text(result), Text(again));
            Assert.DoesNotContain(view.Containers, c => c.Serving && (result.Heal?.Remove.Contains(c.Id) ?? false));
            memory = result.Memory;
        }
    });

    [Fact]
    public void A_heal_keeps_what_runs_as_wanted_and_starts_no_more_than_is_lacking() => ForAll((view, release) =>
    {
        var first = ReconcileFlow.Next(EnvironmentMemory.Empty, view, A.Noon);
        if (ReconcileFlow.Next(first.Memory, view, A.Noon.AddMinutes(1)).Heal is not { } order)
        {
            return;
        }

        var plan = HealPlans.Make(new PlanInput { Current = release, Wanted = release, Seen = Observe(view) }, order);
        foreach (var service in view.Services)
        {
            var running = view.Containers.Where(c => c.Service == service.Name && c.Hash == service.Hash && c.Doing is Doing.Running or Doing.Restarting).ToList();
            var removed = plan.Steps.OfType<Step.RemoveReplicas>().Where(s => s.Service == service.Name).SelectMany(s => s.Numbers).ToHashSet();
            var started = plan.Steps.Sum(s => s switch
            {
                Step.StartReplicas r when r.Service == service.Name => r.Numbers.Count,
                Step.WakeReplicas r when r.Service == service.Name => r.Numbers.Count,
                _ => 0,
            });
            Assert.True(running.Count(c => !removed.Contains(c.Number)) + started <= Math.Max(service.Spec.Replicas, running.Count), string.Join('\n', plan.Steps));
            Assert.True(running.Count(c => !removed.Contains(c.Number)) >= Math.Min(running.Count, service.Spec.Replicas), string.Join('\n', plan.Steps));
            Assert.DoesNotContain(plan.Steps, s => s is Step.RunRelease or Step.RunToCompletion);
        }
    });

    [Fact]
    public void What_is_healed_is_whole() => ForAll((view, release) =>
    {
        var whole = view with
        {
            Containers = [.. view.Services.SelectMany(s => Enumerable.Range(1, s.Spec.Replicas).Select(n => ReconcileFlowTests.Up(s.Spec, n, serving: s.IsRouted)))],
        };
        whole = whole with { Traffic = view.Services.Where(s => s.IsRouted).ToDictionary(s => s.Name, s => new SeenTraffic(s.Spec.Routes, whole.Containers.Where(c => c.Service == s.Name).Select(c => c.Id).ToHashSet())) };

        var result = ReconcileFlow.Next(ReconcileFlow.Next(EnvironmentMemory.Empty, whole, A.Noon).Memory, whole, A.Noon.AddHours(1));

        Assert.Empty(result.Drifts);
        Assert.Null(result.Heal);
        Assert.Empty(HealPlans.Make(new PlanInput { Current = release, Wanted = release, Seen = Observe(whole) }, new HealOrder { Services = [.. whole.Services.Select(s => s.Name.Value)] }).Steps);
    });

    private static void ForAll(Action<EnvironmentView, Release> holds) => Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        List<ServiceSpec> specs = [A.Web(replicas: random.Next(1, 4)), A.Worker("worker", replicas: random.Next(1, 3)).After("web"), A.Worker("gone", replicas: 0)];
        var containers = new List<SeenContainer>();
        foreach (var spec in specs)
        {
            for (var n = 1; n <= random.Next(0, 5); n++)
            {
                var doing = (Doing)random.Next(0, 6);
                containers.Add(ReconcileFlowTests.Up(spec, n, serving: spec.Routes.Count > 0 && random.Next(2) == 0) with
                {
                    Hash = random.Next(4) == 0 ? "older" : SpecHash.Of(spec),
                    Release = random.Next(1, 3),
                    Doing = doing,
                    ExitCode = doing == Doing.Exited ? random.Next(3) : null,
                });
            }
        }

        holds(ReconcileFlowTests.View(specs, containers), new Release(2, A.Model(specs)));
    }).Check(Many);

    private static Observed Observe(EnvironmentView view) => new()
    {
        Replicas = [.. view.Containers.Select(c => new ObservedReplica(c.Id, c.Service, c.Number, c.Release, c.Hash, State(c), "10.0.0.1", c.Serving))],
        Routed = view.Traffic.Keys.ToHashSet(),
        Routes = view.Traffic.ToDictionary(t => t.Key, t => t.Value.Routes),
        Networks = view.Services.SelectMany(s => s.Spec.Networks.Keys).ToHashSet(),
    };

    private static ReplicaState State(SeenContainer c) => c.Doing switch
    {
        Doing.Running => ReplicaState.Running,
        Doing.Created => ReplicaState.Created,
        Doing.Exited when c.ExitCode == 0 => ReplicaState.Completed,
        _ => ReplicaState.Failed,
    };

    private static string Text(Reconciliation r) => string.Join('\n', r.Drifts.Select(d => d.ToString()).Concat(r.Heal is { } h ? [.. h.Services, .. h.Remove] : []));
}
