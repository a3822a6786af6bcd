using Wherry.Client;
using Wherry.Server.Tests.Deployments;
using Wherry.Server.Tests.Rig;

namespace Wherry.Server.Tests.BadDays;

/// <summary>The server dies by kill -9 at every moment of a deployment: each begin and each end of a step, and of each call to engine and edge inside it.</summary>
public sealed class ServerKillTests
{
    /// <summary>RG-03, FL-13.</summary>
    [Fact]
    public async Task The_server_may_die_at_any_moment_of_a_deployment()
    {
        await using var wherry = new LiveWherry { ServerApart = true };
        await wherry.InitializeAsync();
        var shop = await Shop.OpenAsync(wherry);
        Assert.Null((await shop.DeployAsync("v1")).Problem);
        Fate.Set(wherry.Options.Home, null);
        Assert.Null((await shop.DeployAsync("v2")).Problem);
        var moments = Fate.Reached(wherry.Options.Home);
        Assert.InRange(moments.Count, 20, 1000);

        await using var visitors = Visitors.Of(wherry, shop.Host);
        var (now, next) = ("v2", "v1");
        for (var moment = 0; moment < moments.Count; moment++)
        {
            Fate.Set(wherry.Options.Home, moment);
            var deployment = await shop.BeginAsync(next);
            await wherry.AfterDeathAsync();
            var died = Fate.Reached(wherry.Options.Home);

            var serves = await shop.AssertWholeAsync(now, next);
            var ended = await wherry.Client.DeploymentAsync(deployment.Id, default);
            TestContext.Current.TestOutputHelper!.WriteLine($"=== {moment}/{moments.Count} {died[^1]}: {ended.Outcome} {ended.Problem?.Code}, {serves} serves");
            Assert.Equal(ended.Outcome == DeploymentOutcome.Succeeded ? next : now, serves);
            (now, next) = serves == next ? (next, now) : (now, next);
        }

        await visitors.LeaveAsync();
        Assert.Empty(visitors.Failures);
    }
}
