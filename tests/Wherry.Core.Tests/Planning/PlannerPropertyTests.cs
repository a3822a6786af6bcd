using FsCheck;
using FsCheck.Fluent;
using Wherry.Core.Model;
using Wherry.Core.Planning;
using Wherry.Core.Tests.Simulation;

namespace Wherry.Core.Tests.Planning;

/// <summary>What holds for every plan; <see cref="Watch"/> holds the promises about each step.</summary>
public sealed class PlannerPropertyTests
{
    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(1000).WithQuietOnSuccess(true);

    [Fact]
    public void UC_02_DC_01_What_runs_as_wanted_needs_no_step() => ForAll(s =>
    {
        var plan = Plan(s.World(), s.Current, s.Current);

        Assert.Empty(plan.Steps);
        Assert.All(plan.Changes, c => Assert.Equal(ChangeKind.None, c.Kind));
    });

    [Fact]
    public void NO_16_A_plan_leads_to_what_is_wanted_and_then_there_is_nothing_left_to_do() => ForAll(s =>
    {
        var world = Watch.Run(s.World(), s.Current, s.Wanted);

        AssertIs(world, s.Wanted);
        Assert.Empty(Plan(world, s.Wanted, s.Wanted).Steps);
    });

    [Fact]
    public void NO_16_A_plan_clears_up_what_earlier_failures_left() => ForAll(s =>
    {
        var world = Watch.Run(s.UntidyWorld(), s.Current, s.Wanted);

        AssertIs(world, s.Wanted);
        Assert.Empty(Plan(world, s.Wanted, s.Wanted).Steps);
    });

    [Fact]
    public void UC_06_A_plan_made_again_after_any_step_leads_to_the_same_end() => ForAll(s =>
    {
        var world = s.UntidyWorld();
        var steps = Plan(world, s.Current, s.Wanted).Steps.Count;
        Watch.Run(world, s.Current, s.Wanted, atMost: s.Random().Next(steps + 1));
        Watch.Run(world, s.Current, s.Wanted);

        AssertIs(world, s.Wanted);
        Assert.Empty(Plan(world, s.Wanted, s.Wanted).Steps);
    });

    [Fact]
    public void An_undo_after_any_step_leads_back() => ForAll(s =>
    {
        var world = s.World();
        var steps = Plan(world, s.Current, s.Wanted).Steps.Count;
        Watch.Run(world, s.Current, s.Wanted, atMost: s.Random().Next(steps + 1));
        world.Released.Clear();
        Follow(world, Planner.MakeUndo(s.Current, s.Wanted, world.Observe()), s.Current);

        AssertIs(world, s.Current);
        Assert.Empty(world.Released);
        Assert.Empty(Plan(world, s.Current, s.Current).Steps);
        Assert.DoesNotContain(world.Containers.Keys, k => !s.Current.Model.Services.ContainsKey(k.Service));
    });

    [Fact]
    public void An_undo_before_the_first_release_leaves_nothing() => ForAll(s =>
    {
        var world = new World();
        var steps = Plan(world, null, s.Wanted).Steps.Count;
        Watch.Run(world, null, s.Wanted, atMost: s.Random().Next(steps + 1));
        Follow(world, Planner.MakeUndo(null, s.Wanted, world.Observe()), s.Wanted);

        Assert.Empty(world.Containers);
        Assert.Empty(world.Edge);
    });

    [Fact]
    public void A_restart_replaces_every_replica_once() => ForAll(s =>
    {
        var world = s.World();
        var before = world.Containers.Values.Select(c => c.Id).ToHashSet();
        Watch.Run(world, s.Current, s.Current, with: i => i with { Restart = s.Current.Model.Services.Keys.ToHashSet() });

        AssertIs(world, s.Current);
        Assert.DoesNotContain(world.Containers.Values, c => before.Contains(c.Id));
        Assert.Empty(world.Released);
    });

    [Fact]
    public void UC_11_A_release_command_runs_once_for_each_service_that_changes_and_never_else() => ForAll(s =>
    {
        var world = Watch.Run(s.World(), s.Current, s.Wanted);
        var expected = s.Wanted.Model.Services.Values
            .Where(n => n.Release is not null && n.Replicas > 0)
            .Where(n => s.Current.Model.Services.GetValueOrDefault(n.Name) is not { } o || SpecHash.Of(o) != SpecHash.Of(n))
            .Select(n => n.Name.Value);

        Assert.Equal(expected.Order(), world.Released.Select(r => r.Value).Order());
    });

    [Fact]
    public void DC_05_Orphans_are_reported_and_removed_only_when_asked() => ForAll(s =>
    {
        var world = s.World();
        var gone = s.Current.Model.Services.Values.Where(o => o.Replicas > 0 && !s.Wanted.Model.Services.ContainsKey(o.Name)).Select(o => o.Name).ToHashSet();
        var plan = Plan(world, s.Current, s.Wanted);
        Assert.Superset(gone, plan.Orphans.ToHashSet());

        Watch.Run(world, s.Current, s.Wanted);
        Assert.All(gone, g => Assert.NotEmpty(world.Of(g)));

        Watch.Run(world, s.Wanted, s.Wanted, with: i => i with { RemoveOrphans = true });
        Assert.All(world.Containers.Keys, k => Assert.True(s.Wanted.Model.Services.ContainsKey(k.Service)));
        Assert.All(world.Edge.Keys, k => Assert.True(s.Wanted.Model.Services.ContainsKey(k)));
    });

    [Fact]
    public void The_same_question_gets_the_same_plan() => ForAll(s =>
        Assert.Equal(Plan(s.UntidyWorld(), s.Current, s.Wanted).Hash, Plan(s.UntidyWorld(), s.Current, s.Wanted).Hash));

    /// <summary>NO-16: what carries no label of ours is not among what is observed, and so no step can name it.</summary>
    [Fact]
    public void NO_16_A_plan_names_nothing_that_is_neither_wanted_nor_ours() => ForAll(s =>
    {
        var seen = s.UntidyWorld().Observe();
        var plan = Planner.Make(new PlanInput { Current = s.Current, Wanted = s.Wanted, Seen = seen, RemoveOrphans = true });
        foreach (var step in plan.Steps.Where(p => p is Step.StopReplicas or Step.RemoveReplicas))
        {
            var made = plan.Steps.OfType<Step.StartReplicas>().SelectMany(p => p.Numbers.Select(n => (p.Service, n)));
            var (service, numbers) = step is Step.StopReplicas stop ? (stop.Service, stop.Numbers) : (((Step.RemoveReplicas)step).Service, ((Step.RemoveReplicas)step).Numbers);
            Assert.All(numbers, n => Assert.True(made.Contains((service, n)) || seen.Of(service).Any(r => r.Number == n)));
        }
    });

    private static void ForAll(Action<Scenario> property) => Prop.ForAll(Scenario.All(), property).Check(Many);

    private static Plan Plan(World world, Release? current, Release wanted) => Planner.Make(new PlanInput { Current = current, Wanted = wanted, Seen = world.Observe() });

    private static void Follow(World world, Plan plan, Release release)
    {
        foreach (var step in plan.Steps)
        {
            world.Run(step, release);
        }
    }

    /// <summary>Exactly the wanted replicas with the wanted settings, and the edge sends traffic to them by the wanted routes.</summary>
    private static void AssertIs(World world, Release release)
    {
        foreach (var spec in release.Model.Services.Values)
        {
            var count = Dependents.WaitForCompletion(release.Model, spec.Name) ? Math.Min(1, spec.Replicas) : spec.Replicas;
            var replicas = world.Of(spec.Name).ToList();
            Assert.Equal(count, replicas.Count);
            Assert.All(replicas, r => Assert.Equal(SpecHash.Of(spec), r.Container.Hash));
            var edge = world.Edge.GetValueOrDefault(spec.Name);
            Assert.Equal(spec.Routes.Count > 0, edge is not null);
            Assert.False(edge?.Held ?? false);
            Assert.Equal(spec.Routes, edge?.Routes ?? []);
            Assert.Equal(spec.Routes.Count > 0 ? replicas.Select(r => r.Number).Order() : [], edge?.Targets.Order().ToList() ?? []);
        }
    }
}
