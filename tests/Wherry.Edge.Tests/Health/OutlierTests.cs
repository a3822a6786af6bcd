using Wherry.Core.Model;
using Wherry.Core.Routing;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Health;

/// <summary>Targets that pass their probes and fail their visitors.</summary>
public sealed class OutlierTests : OnAnEdge
{
    private static readonly OutlierRule Rule = new() { Failures = 3, EjectFor = TimeSpan.FromMilliseconds(700) };

    [Fact]
    public async Task A_target_whose_answers_fail_leaves_the_rotation_for_a_while()
    {
        await using var good = await Backend.StartAsync("good");
        await using var third = await Backend.StartAsync("third", beside: good);
        await using var bad = await Backend.StartAsync("bad", beside: good);
        bad.On("/", 500, "no");
        await Edge.Control.PutAsync(Judged(Rule, good, third, bad), Ct);

        await AskAsync(9);
        Assert.Equal(3, bad.Hits);
        Assert.False((await StateOfAsync("bad")).Healthy);
        Assert.DoesNotContain("no", await AskAsync(20));
        Assert.Equal(3, bad.Hits);

        bad.On("/", 200, "well again");
        await Eventually.TrueAsync(async () => (await AskAsync(3)).Contains("well again"));
    }

    [Fact]
    public async Task One_that_fails_again_is_out_for_longer()
    {
        await using var good = await Backend.StartAsync("good");
        await using var bad = await Backend.StartAsync("bad", beside: good);
        bad.On("/", 503);
        await Edge.Control.PutAsync(Judged(Rule with { PanicBelow = 0 }, good, bad), Ct);

        var first = await OutForAsync(bad);
        var second = await OutForAsync(bad);

        Assert.InRange(first, TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(5));
        Assert.InRange(second, TimeSpan.FromMilliseconds(1200), TimeSpan.FromSeconds(8));
    }

    [Fact]
    public async Task An_answer_that_is_well_in_between_and_errors_of_the_visitor_do_not_count()
    {
        await using var good = await Backend.StartAsync("good");
        await using var shaky = await Backend.StartAsync("shaky", beside: good);
        var turn = 0;
        shaky.Otherwise = http =>
        {
            http.Response.StatusCode = Interlocked.Increment(ref turn) % 3 == 0 ? 200 : 500;
            return Task.CompletedTask;
        };
        shaky.On("/missing", 404);
        await Edge.Control.PutAsync(Judged(Rule, good, shaky), Ct);

        await AskAsync(24);
        Assert.True((await StateOfAsync("shaky")).Healthy);
        for (var i = 0; i < 12; i++)
        {
            await Edge.StatusAsync("/missing");
        }

        Assert.True((await StateOfAsync("shaky")).Healthy);
    }

    [Fact]
    public async Task When_too_few_are_left_all_get_requests()
    {
        await using var good = await Backend.StartAsync("good");
        await using var one = await Backend.StartAsync("one", beside: good);
        await using var two = await Backend.StartAsync("two", beside: good);
        one.On("/", 500, "one fails");
        two.On("/", 500, "two fails");
        await Edge.Control.PutAsync(Judged(Rule with { EjectFor = TimeSpan.FromMinutes(5) }, good, one, two), Ct);

        await Eventually.TrueAsync(async () =>
        {
            await AskAsync(3);
            return (await Edge.Control.GetAsync()).Targets.Count(t => !t.Healthy) == 2;
        });

        Assert.Equal(["good", "one fails", "two fails"], (await AskAsync(9)).Distinct().Order());
    }

    [Fact]
    public async Task Without_the_rule_answers_do_not_count_and_a_redeploy_may_bring_it()
    {
        await using var good = await Backend.StartAsync("good");
        await using var bad = await Backend.StartAsync("bad", beside: good);
        bad.On("/", 500, "no");
        await Edge.Control.PutAsync(A.Service(good, bad), Ct);
        await AskAsync(20);
        Assert.True((await StateOfAsync("bad")).Healthy);

        await Edge.Control.PutAsync(Judged(Rule with { EjectFor = TimeSpan.FromMinutes(5) }, good, bad), Ct);
        await AskAsync(10);
        Assert.False((await StateOfAsync("bad")).Healthy);

        await Edge.Control.PutAsync(A.Service(good, bad), Ct);
        Assert.True((await StateOfAsync("bad")).Healthy);
    }

    [Fact]
    public async Task A_rule_that_makes_no_sense_is_refused()
    {
        await using var good = await Backend.StartAsync("good");

        var problem = await EdgeControl.ProblemOfAsync(() => Edge.Control.PutAsync(Judged(new() { Failures = 0, EjectFor = TimeSpan.Zero, PanicBelow = 101 }, good), Ct));

        Assert.Equal("edge/service", problem.Code);
        Assert.All(["outliers.failures: 0", "outliers.eject_for: 00:00:00", "outliers.panic_below: 101"], part => Assert.Contains(part, problem.Message, StringComparison.Ordinal));
    }

    private static EdgeService Judged(OutlierRule rule, params Backend[] targets) => A.Service(targets) with { Rules = new() { Outliers = rule } };

    /// <summary>Asks until the target is out, and then until it is back.</summary>
    private async Task<TimeSpan> OutForAsync(Backend target)
    {
        await Eventually.TrueAsync(async () =>
        {
            await AskAsync(2);
            return !(await StateOfAsync(target.Id)).Healthy;
        });
        var watch = System.Diagnostics.Stopwatch.StartNew();
        await Eventually.TrueAsync(async () => (await StateOfAsync(target.Id)).Healthy);
        return watch.Elapsed;
    }

    private async Task<TargetState> StateOfAsync(string id) => (await Edge.Control.GetAsync()).Targets.Single(t => t.Id == id);

    private async Task<IReadOnlyList<string>> AskAsync(int times)
    {
        var answers = new List<string>();
        for (var i = 0; i < times; i++)
        {
            answers.Add(await Edge.GetAsync("/"));
        }

        return answers;
    }
}
