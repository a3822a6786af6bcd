using Wherry.Server.Tests.Deployments;

namespace Wherry.Server.Tests.BadDays;

/// <summary>The edge dies by kill -9 in each phase of a switch, and comes back as its keeper starts it again.</summary>
public sealed class EdgeKillTests
{
    /// <summary>FL-05, KP-101: what the server asks the edge, from the gate to the drain.</summary>
    [Fact]
    public async Task The_edge_may_die_before_and_behind_every_call()
    {
        await using var wherry = new LiveWherry { EdgeApart = true };
        await wherry.InitializeAsync();
        var shop = await Shop.OpenAsync(wherry);
        Assert.Null((await shop.DeployAsync("v1")).Problem);
        wherry.Edge!.Calls.Forget();
        Assert.Null((await shop.DeployAsync("v2")).Problem);
        var calls = wherry.Edge.Calls.Calls.Distinct().ToList();
        Assert.Contains("POST services/*/gate", calls);
        Assert.Contains("PUT services/*", calls);

        var (now, next) = ("v2", "v1");
        foreach (var call in calls)
        {
            foreach (var carriedOut in new[] { false, true })
            {
                wherry.Edge.KillAt(call, carriedOut);
                var ended = await shop.DeployAsync(next);
                TestContext.Current.TestOutputHelper!.WriteLine($"=== {call} {(carriedOut ? "carried out" : "asked")}: {ended.Outcome} {ended.Problem?.Code}");

                Assert.True(wherry.Edge.Died);
                await wherry.Edge.BackAsync();
                var serves = await shop.AssertWholeAsync(now, next);
                Assert.Equal(ended.Problem is null ? next : now, serves);
                (now, next) = serves == next ? (next, now) : (now, next);
            }
        }
    }
}
