using FsCheck;
using FsCheck.Fluent;
using Wherry.Core.Deployments;
using Wherry.Core.Model;
using Wherry.Core.Planning;
using Wherry.Core.Tests.Simulation;

namespace Wherry.Core.Tests.Deployments;

/// <summary>Whole deployments in a simulated world; <see cref="Drive"/> holds the flow's promises at every turn.</summary>
public sealed class DeployFlowSimulationTests
{
    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(1000).WithQuietOnSuccess(true);

    [Fact]
    public void Without_a_fault_the_new_release_serves() => ForAll(bad: false, s =>
    {
        var world = s.UntidyWorld();
        var drive = Drive.ToTheEnd(world, s.Current, s.Wanted, Faults.None);

        Assert.Null(drive.End.Problem);
        Assert.True(Is(world, s.Wanted), drive.Because("the new release does not serve"));
    });

    [Fact]
    public void FL_03_NO_16_Whatever_fails_once_the_old_release_or_the_new_one_serves_in_full() => ForAll(bad: false, s =>
    {
        var world = s.World();
        var drive = Drive.ToTheEnd(world, s.Current, s.Wanted, Faults.From(s.Random()));

        Assert.True(Is(world, drive.End.Problem is null ? s.Wanted : s.Current), drive.Because("neither the old nor the new release serves"));
    });

    [Fact]
    public void KM_17_A_bad_image_leaves_the_old_release_serving() => ForAll(bad: true, s =>
    {
        var world = s.World();
        var drive = Drive.ToTheEnd(world, s.Current, s.Wanted, Faults.From(s.Random()));

        Assert.True(Is(world, drive.End.Problem is null ? s.Wanted : s.Current), drive.Because("neither the old nor the new release serves"));
    });

    [Fact]
    public void A_first_release_that_fails_leaves_nothing_behind() => ForAll(bad: true, s =>
    {
        var world = new World();
        var drive = Drive.ToTheEnd(world, null, s.Wanted, Faults.From(s.Random()));
        if (drive.End.Problem is not null)
        {
            Assert.True(world.Containers.Count == 0 && world.Edge.Count == 0, drive.Because("something was left"));
        }
    });

    [Fact]
    public void A_rollback_that_fails_leaves_no_service_without_a_replica_and_none_on_hold() => ForAll(bad: true, s =>
    {
        var world = s.World();
        var before = s.Current.Model.Services.Keys.Where(n => world.AnsweringOf(n) > 0).ToList();
        var drive = Drive.ToTheEnd(world, s.Current, s.Wanted, Faults.From(s.Random()), DeploymentKind.Rollback);

        var wanted = before.Where(n => !s.Wanted.Model.Services.TryGetValue(n, out var spec) || (spec.Routes.Count > 0 && spec.Replicas > 0)).ToList();
        if (!MovesRoutes(s))
        {
            Assert.True(wanted.All(n => world.AnsweringOf(n) > 0), drive.Because("a service is dark"));
        }

        Assert.True(world.Edge.Values.All(e => !e.Held), drive.Because("requests are held"));
    });

    [Fact]
    public void An_outage_that_does_not_end_ends_the_deployment_and_not_what_serves() => ForAll(bad: false, s =>
    {
        var world = s.World();
        var answering = s.Current.Model.Services.Keys.Where(n => world.AnsweringOf(n) > 0).ToList();
        var drive = Drive.ToTheEnd(world, s.Current, s.Wanted, new Faults(0, int.MaxValue, Fault.EngineAway));

        Assert.Equal(drive.History.Any(h => h.StartsWith("  !", StringComparison.Ordinal)), drive.End.Problem is not null || drive.History.Any(h => h.Contains("skip", StringComparison.Ordinal)));
        Assert.All(answering, n => Assert.True(world.AnsweringOf(n) > 0, drive.Because($"{n} is dark")));
    });

    /// <summary>FL-04: only a new replica's death fails a deployment.</summary>
    [Fact]
    public void FL_04_Old_replicas_that_die_while_they_are_replaced_fail_nothing() => ForAll(bad: false, s =>
    {
        var world = s.World();
        var drive = Drive.ToTheEnd(world, s.Current, s.Wanted, Faults.OldOnesDie(s.Random()));

        Assert.True(drive.End.Problem is null, drive.Because($"it failed: {drive.End.Problem?.Message}"));
        Assert.True(Is(world, s.Wanted), drive.Because("the new release does not serve"));
    });

    private static void ForAll(bool bad, Action<Scenario> property) => Prop.ForAll(Scenario.All(bad), property).Check(Many);

    /// <summary>Every service has all its replicas with this release's settings, and exactly they get its traffic by its routes.</summary>
    /// <remarks>What nobody requires may be unwell: that is told, and the deployment goes on.</remarks>
    private static bool Is(World world, Release release) => release.Model.Services.Values.All(spec =>
    {
        var count = Dependents.WaitForCompletion(release.Model, spec.Name) ? Math.Min(1, spec.Replicas) : spec.Replicas;
        var right = world.Of(spec.Name).Where(c => c.Container.Hash == SpecHash.Of(spec) && c.Container is { Healthy: true, State: ReplicaState.Running or ReplicaState.Completed }).Select(c => c.Number).ToHashSet();
        var edge = world.Edge.GetValueOrDefault(spec.Name);
        return spec.Routes.Count > 0
            ? edge is { Held: false } && edge.Routes.SequenceEqual(spec.Routes) && edge.Targets.SetEquals(right) && right.Count == count
            : edge is null && (right.Count >= count || !Dependents.Require(release.Model, spec.Name));
    });

    private static bool MovesRoutes(Scenario s) => s.Wanted.Model.Services.Values.Any(w => s.Current.Model.Services.Values.Any(c => c.Name != w.Name && c.Routes.Any(r => w.Routes.Any(n => n.Host == r.Host))));
}
