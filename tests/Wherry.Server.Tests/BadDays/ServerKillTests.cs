using Wherry.Client;
using Wherry.Server.Tests.Deployments;
using Wherry.Server.Tests.Rig;

namespace Wherry.Server.Tests.BadDays;

/// <summary>The server dies by kill -9 in the middle of a deployment, and another is started.</summary>
public sealed class ServerKillTests
{
    /// <summary>RG-03, FL-13. The steps are those that a deployment was seen to take: one that is added is met by itself.</summary>
    [Fact]
    public async Task The_server_may_die_before_and_behind_every_step()
    {
        await using var wherry = new LiveWherry { ServerApart = true };
        await wherry.InitializeAsync();
        var shop = await Shop.OpenAsync(wherry);
        Assert.Null((await shop.DeployAsync("v1")).Problem);
        Fate.Set(wherry.Options.Home, "step", null);
        Assert.Null((await shop.DeployAsync("v2")).Problem);
        var moments = Fate.Reached(wherry.Options.Home);
        Assert.InRange(moments.Count, 20, 200);

        await using var visitors = Visitors.Of(wherry, shop.Host);
        var (now, next) = ("v2", "v1");
        for (var moment = 0; moment < moments.Count; moment++)
        {
            Fate.Set(wherry.Options.Home, "step", moment);
            var deployment = await shop.BeginAsync(next);
            Assert.True(await wherry.ServerDiesAsync(before: async () => (await wherry.Client.DeploymentAsync(deployment.Id, default)).Outcome is not null));
            Fate.Set(wherry.Options.Home, "step", null);
            await wherry.RestartServerAsync();

            var serves = await shop.AssertWholeAsync(now, next);
            var ended = await wherry.Client.DeploymentAsync(deployment.Id, default);
            TestContext.Current.TestOutputHelper!.WriteLine($"=== {moment}/{moments.Count} {moments[moment]}: {ended.Outcome} {ended.Problem?.Code}, {serves} serves");
            Assert.Equal(ended.Outcome == DeploymentOutcome.Succeeded ? next : now, serves);
            if (ended.Outcome == DeploymentOutcome.Succeeded)
            {
                // The servers together, each step once.
                Assert.Equal(ended.Steps.Select(s => s.Text), ended.Receipt!.Steps.Where(s => s.Kind is not ("prepare" or "cut-release" or "make-plan")).Select(s => s.Text));
            }

            (now, next) = serves == next ? (next, now) : (now, next);
        }

        await visitors.LeaveAsync();
        Assert.Empty(visitors.Failures);
    }

    /// <summary>RG-03: one deployment, and each server that takes it up dies one call later than the one before it.</summary>
    [Fact]
    public async Task Server_after_server_may_die_at_the_calls_of_one_deployment()
    {
        await using var wherry = new LiveWherry { ServerApart = true };
        await wherry.InitializeAsync();
        var shop = await Shop.OpenAsync(wherry);
        Assert.Null((await shop.DeployAsync("v1")).Problem);
        Fate.Set(wherry.Options.Home, "", null);
        Assert.Null((await shop.DeployAsync("v2")).Problem);
        var planned = Fate.Reached(wherry.Options.Home).ToList().IndexOf("step make-plan ends") + 1;
        Assert.InRange(planned, 1, 500);

        await using var visitors = Visitors.Of(wherry, shop.Host);
        Fate.Set(wherry.Options.Home, "", planned);
        var deployment = await shop.BeginAsync("v3");
        var deaths = 0;
        for (var moment = 1; await wherry.ServerDiesAsync(before: HasEndedAsync); moment++)
        {
            deaths++;
            Fate.Set(wherry.Options.Home, "", moment);
            await wherry.RestartServerAsync();
        }

        Fate.Set(wherry.Options.Home, "", null);
        var serves = await shop.AssertWholeAsync("v2", "v3");
        var ended = await wherry.Client.DeploymentAsync(deployment.Id, default);
        TestContext.Current.TestOutputHelper!.WriteLine($"=== {deaths} deaths: {ended.Outcome} {ended.Problem?.Code}, {serves} serves");
        Assert.Equal(ended.Outcome == DeploymentOutcome.Succeeded ? "v3" : "v2", serves);
        Assert.InRange(deaths, 5, 500);
        await visitors.LeaveAsync();
        Assert.Empty(visitors.Failures);

        async Task<bool> HasEndedAsync() => (await wherry.Client.DeploymentAsync(deployment.Id, default)).Outcome is not null;
    }
}
