using Wherry.Client;
using Wherry.Server.Tests.Deployments;
using Wherry.Server.Tests.Rig;

namespace Wherry.Server.Tests.BadDays;

/// <summary>Server and edge die (kill -9) while a new release has a share of the visitors.</summary>
public sealed class CanaryKillTests
{
    /// <summary>KP-038, RG-03.</summary>
    [Fact]
    public async Task KP_038_Share_stage_and_time_outlive_the_death_of_the_server_and_of_the_edge()
    {
        await using var wherry = new LiveWherry { ServerApart = true, EdgeApart = true };
        await wherry.InitializeAsync();
        var app = await TrialApp.OpenAsync(wherry);
        Assert.Null((await app.DeployAsync("one")).Problem);
        var begun = await app.BeginAsync("two", "stages: [mirror 100% for 20s, 20% for 20s, 60% for 20s], header: X-User, guard: { errors: 50% }");

        HashSet<string> before = [];
        for (var stage = 1; stage <= 3; stage++)
        {
            var state = await app.StageAsync(begun, stage);
            var who = await app.WhoGetsAsync("two");
            Assert.Superset(before, who);
            Assert.InRange(who.Count, stage == 1 ? 0 : before.Count + 5, stage == 1 ? 0 : 100);

            await using (var visitors = Visitors.Of(wherry, app.Host))
            {
                await wherry.KillServerAsync();
                var after = await app.StageAsync(begun, stage);
                Assert.Equal(who, await app.WhoGetsAsync("two"));
                Assert.InRange(after.Until!.Value - state.Until!.Value, TimeSpan.FromSeconds(-1), TimeSpan.FromSeconds(1)); // its time does not begin anew
                await visitors.LeaveAsync();
                Assert.Empty(visitors.Failures);
            }

            await wherry.Edge!.KillAsync();
            Assert.Equal(who, await app.WhoGetsAsync("two"));
            before = who;
        }

        var ended = await wherry.EndAsync(begun);
        Assert.Null(ended.Problem);
        Assert.Equal(101, (await app.WhoGetsAsync("two")).Count);
        Assert.Null((await app.AtEdgeAsync()).Service.Split);
        Assert.Equal(2, (await wherry.IdsAsync(app.Project, "web")).Count);
    }

    /// <summary>RG-03, FL-13: at every step, those of a trial among them.</summary>
    [Fact]
    public async Task RG_03_The_server_may_die_before_and_behind_every_step_of_a_trial()
    {
        const string Stages = "stages: [mirror 50% for 1s, 30% for 1s, 60% for 1s]";
        await using var wherry = new LiveWherry { ServerApart = true };
        await wherry.InitializeAsync();
        var app = await TrialApp.OpenAsync(wherry);
        Assert.Null((await app.DeployAsync("one")).Problem);
        Fate.Set(wherry.Options.Home, "step", null);
        Assert.Null((await app.DeployAsync("two", Stages)).Problem);
        var moments = Fate.Reached(wherry.Options.Home);
        Assert.InRange(moments.Count, 20, 200);

        await using var visitors = Visitors.Of(wherry, app.Host);
        var (now, next) = ("two", "one");
        for (var moment = 0; moment < moments.Count; moment++)
        {
            Fate.Set(wherry.Options.Home, "step", moment);
            var deployment = await app.BeginAsync(next, Stages);
            Assert.True(await wherry.ServerDiesAsync(before: async () => (await wherry.Client.DeploymentAsync(deployment.Id, default)).Outcome is not null));
            Fate.Set(wherry.Options.Home, "step", null);
            await wherry.RestartServerAsync();
            await wherry.SettledAsync(app.Project);

            var ended = await wherry.Client.DeploymentAsync(deployment.Id, default);
            var serves = ended.Outcome == DeploymentOutcome.Succeeded ? next : now;
            TestContext.Current.TestOutputHelper!.WriteLine($"=== {moment}/{moments.Count} {moments[moment]}: {ended.Outcome} {ended.Problem?.Code}, {serves} serves");
            Assert.Equal(101, (await app.WhoGetsAsync(serves)).Count);
            Assert.Equal(2, (await wherry.IdsAsync(app.Project, "web")).Count);
            Assert.Null((await app.AtEdgeAsync()).Service.Split);
            (now, next) = serves == next ? (next, now) : (now, next);
        }

        await visitors.LeaveAsync();
        Assert.Empty(visitors.Failures);
    }
}
