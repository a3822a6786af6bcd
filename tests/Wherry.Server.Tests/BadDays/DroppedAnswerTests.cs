using Wherry.Server.Tests.Deployments;
using Wherry.Server.Tests.Rig;

namespace Wherry.Server.Tests.BadDays;

/// <summary>The engine does what it was asked, and the line is cut before it can say so.</summary>
public sealed class DroppedAnswerTests
{
    /// <summary>FL-09, FL-10.</summary>
    [Fact]
    public async Task The_answer_of_any_call_may_be_lost_once()
    {
        await using var proxy = await SocketProxy.StartAsync();
        await using var wherry = new LiveWherry { ServersEngine = proxy.Host };
        await wherry.InitializeAsync();
        var shop = await Shop.OpenAsync(wherry);
        Assert.Null((await shop.DeployAsync("v1")).Problem);
        await shop.AssertWholeAsync("v1");
        proxy.Forget();
        Assert.Null((await shop.DeployAsync("v2")).Problem);
        await shop.AssertWholeAsync("v2");
        var calls = proxy.Calls.GroupBy(c => c).SelectMany(same => Enumerable.Range(0, Math.Min(3, same.Count())).Select(n => (Call: same.Key, Occurrence: n))).ToList();
        Assert.NotEmpty(calls);

        await using var visitors = Visitors.Of(wherry, shop.Host);
        var (now, next, cut) = ("v2", "v1", 0);
        foreach (var (call, occurrence) in calls)
        {
            proxy.CutAnswerOf(call, occurrence);
            var ended = await shop.DeployAsync(next);
            cut += proxy.HasCut ? 1 : 0;
            TestContext.Current.TestOutputHelper!.WriteLine($"=== {call} #{occurrence}: {(proxy.HasCut ? "cut" : "not met")}, {ended.Outcome} {ended.Problem?.Code}");

            var serves = await shop.AssertWholeAsync(now, next);
            Assert.Equal(ended.Problem is null ? next : now, serves);
            (now, next) = serves == next ? (next, now) : (now, next);
        }

        Assert.InRange(cut, calls.Count / 2, calls.Count); // how often a call is made differs a little; most must have been met
        await visitors.LeaveAsync();
        Assert.Empty(visitors.Failures);
    }

    /// <summary>FL-09: what only a first deployment, or one that builds, asks for.</summary>
    [Theory]
    [InlineData("POST networks/create")]
    [InlineData("POST volumes/create")]
    [InlineData("POST build")]
    public async Task The_answer_of_what_is_made_once_may_be_lost_too(string call)
    {
        await using var proxy = await SocketProxy.StartAsync();
        await using var wherry = new LiveWherry { ServersEngine = proxy.Host };
        await wherry.InitializeAsync();
        var shop = await Shop.OpenAsync(wherry);
        var built = await wherry.ProjectAsync();

        proxy.CutAnswerOf(call, 0);
        var first = await shop.DeployAsync("v1");
        var second = await wherry.DeployAsync(built, new Dictionary<string, string> { ["Dockerfile"] = $"FROM {LiveWherry.Image("v2")}\nENV MARK={built}\n" });

        Assert.True(proxy.HasCut);
        Assert.Null(first.Problem);
        await shop.AssertWholeAsync("v1");
        Assert.Null(second.Problem);
    }
}
