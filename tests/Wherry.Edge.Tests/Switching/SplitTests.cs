using System.Globalization;
using Microsoft.AspNetCore.Http;
using Wherry.Core.Problems;
using Wherry.Core.Routing;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Switching;

/// <summary>A share of the visitors gets the new release.</summary>
public sealed class SplitTests : OnAnEdge
{
    [Fact]
    public async Task KP_031_KP_033_KP_036_A_new_release_beside_the_old_one_changes_nothing_for_who_is_not_asked_for()
    {
        await using var stable = await Backend.StartAsync("stable");
        await using var canary = await Backend.StartAsync("canary", stable);
        await SplitAsync(stable, canary, new() { Targets = ["canary"], Cookie = "user", Allow = ["ann"] });

        Assert.Equal(["stable"], await AnswersAsync(20));
        Assert.Equal(["stable"], await AnswersAsync(20, "bob"));
        Assert.Equal(["canary"], await AnswersAsync(20, "ann"));

        await SplitAsync(stable, canary, new() { Targets = ["canary"], Cookie = "user", Share = 100 });
        Assert.Equal(["stable"], await AnswersAsync(20));
        Assert.Equal(["canary"], await AnswersAsync(20, "bob"));
    }

    [Fact]
    public async Task KP_032_KP_034_KP_035_The_share_is_what_was_asked_for_the_same_for_each_visitor_and_those_named_come_on_top()
    {
        await using var stable = await Backend.StartAsync("stable");
        await using var canary = await Backend.StartAsync("canary", stable);
        var rule = new TrafficSplit { Targets = ["canary"], Header = "X-User", Share = 20, Allow = ["vip"] };
        await SplitAsync(stable, canary, rule);
        var visitors = Enumerable.Range(0, 1000).Select(i => $"user-{i}").ToList();

        var first = await SidesAsync(visitors);
        var again = await SidesAsync(visitors);
        await SplitAsync(stable, canary, rule with { Share = 60 });
        var more = await SidesAsync(visitors);

        Assert.InRange(first.Count, 160, 240);
        Assert.Equal(first, again);
        Assert.InRange(more.Count, 540, 660);
        Assert.Subset(more, first);
        Assert.Equal(["vip"], await SidesAsync(["vip"]));
        Assert.Equal(20, Enumerable.Range(0, 100_000).Count(i => Edge20(i)) / 1000.0, 0.5);
    }

    [Fact]
    public async Task Who_has_no_mark_gets_one_and_stays_on_his_side()
    {
        await using var stable = await Backend.StartAsync("stable");
        await using var canary = await Backend.StartAsync("canary", stable);
        await SplitAsync(stable, canary, new() { Targets = ["canary"], Share = 50 });
        HashSet<string> seen = [];

        for (var i = 0; i < 30; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/");
            using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, UseProxy = false }) { BaseAddress = new Uri($"http://{Edge.Address}"), DefaultRequestHeaders = { Host = A.Host } };
            using var first = await http.SendAsync(request, Ct);
            var side = await first.Content.ReadAsStringAsync(Ct);
            seen.Add(side);
            http.DefaultRequestHeaders.Add("Cookie", Assert.Single(first.Headers.GetValues("Set-Cookie")).Split(';')[0]);
            for (var visit = 0; visit < 3; visit++)
            {
                using var next = await http.GetAsync(new Uri("/", UriKind.Relative), Ct);
                Assert.Equal(side, await next.Content.ReadAsStringAsync(Ct));
                Assert.False(next.Headers.Contains("Set-Cookie"));
            }
        }

        Assert.Equal(2, seen.Count);
    }

    [Fact]
    public async Task KP_037_When_the_trial_ends_all_are_back_and_what_was_in_flight_is_finished()
    {
        await using var stable = await Backend.StartAsync("stable");
        await using var canary = await Backend.StartAsync("canary", stable);
        var reached = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        canary.On("/slow", async http =>
        {
            reached.SetResult();
            await go.Task;
            await http.Response.WriteAsync("canary finished");
        });
        await SplitAsync(stable, canary, new() { Targets = ["canary"], Header = "X-User", Share = 100 });
        var slow = AskAsync("/slow", "ann");
        await reached.Task;

        var ended = Edge.Control.PutAsync(A.Service(stable), Ct);
        await Eventually.TrueAsync(async () => (await Edge.Control.GetAsync()).Targets.Any(t => t.Draining));
        Assert.Equal("stable", await AskAsync("/", "ann"));
        go.SetResult();

        Assert.Equal("canary finished", await slow);
        Assert.Equal(1, (await ended).Drained);
    }

    [Fact]
    public async Task KP_038_A_split_is_back_after_a_restart()
    {
        await using var stable = await Backend.StartAsync("stable");
        await using var canary = await Backend.StartAsync("canary", stable);
        await SplitAsync(stable, canary, new() { Targets = ["canary"], Header = "X-User", Share = 30 });
        var visitors = Enumerable.Range(0, 100).Select(i => $"user-{i}").ToList();
        var before = await SidesAsync(visitors);

        await Edge.RestartAsync();

        Assert.Equal(before, await SidesAsync(visitors));
    }

    [Fact]
    public async Task When_the_new_release_is_gone_the_old_one_serves_its_visitors()
    {
        await using var stable = await Backend.StartAsync("stable");
        await using var canary = await Backend.StartAsync("canary", stable);
        await SplitAsync(stable, canary, new() { Targets = ["canary"], Header = "X-User", Share = 100 });
        Assert.Equal("canary", await AskAsync("/", "ann"));

        await canary.StopAsync();

        Assert.Equal("stable", await AskAsync("/", "ann"));
    }

    [Theory]
    [InlineData("share", 101, null, null, "canary")]
    [InlineData("share", double.NaN, null, null, "canary")]
    [InlineData("cookie and a header", 1, "a", "b", "canary")]
    [InlineData("not the name", 1, "a b", null, "canary")]
    [InlineData("not among the targets", 1, null, null, "nobody")]
    public async Task A_split_that_makes_no_sense_is_refused(string why, double share, string? cookie, string? header, string target)
    {
        await using var stable = await Backend.StartAsync("stable");
        await using var canary = await Backend.StartAsync("canary", stable);
        var rule = new TrafficSplit { Targets = [target], Share = share, Cookie = cookie, Header = header };

        if (double.IsNaN(share))
        {
            Assert.Throws<ProblemException>(() => EdgeServiceRules.Check(A.Key, A.Service(stable, canary) with { Split = rule }));
            return;
        }

        var problem = await EdgeControl.ProblemOfAsync(() => SplitAsync(stable, canary, rule));
        Assert.Equal("edge/service", problem.Code);
        Assert.Contains(why, problem.Message, StringComparison.Ordinal);
    }

    private static bool Edge20(int i) => Wherry.Edge.Switching.Split.Place(i.ToString(CultureInfo.InvariantCulture)) < 20;

    private Task<SwitchReport> SplitAsync(Backend stable, Backend canary, TrafficSplit rule) => Edge.Control.PutAsync(A.Service(stable, canary) with { Split = rule }, Ct);

    private async Task<IReadOnlyList<string>> AnswersAsync(int times, string? user = null)
    {
        HashSet<string> answers = [];
        for (var i = 0; i < times; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/");
            if (user is not null)
            {
                request.Headers.Add("Cookie", $"user={user}");
            }

            using var answer = await Edge.Http.SendAsync(request, Ct);
            answers.Add(await answer.Content.ReadAsStringAsync(Ct));
        }

        return [.. answers];
    }

    private async Task<string> AskAsync(string path, string user)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "X-User", user } } };
        using var answer = await Edge.Http.SendAsync(request, Ct);
        return await answer.Content.ReadAsStringAsync(Ct);
    }

    /// <summary>Those of them who get the new release.</summary>
    private async Task<HashSet<string>> SidesAsync(IEnumerable<string> users)
    {
        HashSet<string> canary = [];
        foreach (var user in users)
        {
            if (await AskAsync("/", user) == "canary")
            {
                canary.Add(user);
            }
        }

        return canary;
    }
}
