using Wherry.Client;

namespace Wherry.Server.Tests.Deployments;

/// <summary>A new release gets its visitors a share at a time, on the real engine and edge.</summary>
public sealed class CanaryShareTests(LiveWherry wherry)
{
    [Fact]
    public async Task Stages_pass_by_their_time_and_no_request_is_lost_on_the_way()
    {
        var app = await TrialApp.OpenAsync(wherry);
        Assert.Null((await app.DeployAsync("one")).Problem);
        var before = await wherry.IdsAsync(app.Project, "web");
        await using var visitors = Visitors.Of(wherry, app.Host);

        var begun = await app.BeginAsync("two", "stages: [0% for 3s, 20% for 3s, 60% for 3s], header: X-User, allow: [ann]");
        await app.StageAsync(begun, 1);
        Assert.Equal(["ann"], await app.WhoGetsAsync("two"));
        await app.StageAsync(begun, 2);
        var few = await app.WhoGetsAsync("two");
        Assert.InRange(few.Count, 10, 32);
        Assert.Contains("ann", few);
        await app.StageAsync(begun, 3);
        var more = await app.WhoGetsAsync("two");
        Assert.InRange(more.Count, 45, 76);
        Assert.Superset(few, more);
        Assert.Equal(4, (await wherry.IdsAsync(app.Project, "web")).Count);

        var ended = await wherry.EndAsync(begun);
        await visitors.LeaveAsync();

        Assert.Null(ended.Problem);
        Assert.Null(ended.Canary);
        Assert.Empty(visitors.Failures);
        Assert.Equal(101, (await app.WhoGetsAsync("two")).Count);
        Assert.Null((await app.AtEdgeAsync()).Service.Split);
        Assert.Equal(2, (await wherry.IdsAsync(app.Project, "web")).Except(before).Count());
        Assert.Contains(", without interruption", await wherry.LogAsync(ended), StringComparison.Ordinal);
        Assert.Equal(["web: 0 % of the visitors", "web: 20 % of the visitors", "web: 60 % of the visitors"], await EventsAsync(app, "deployment/shifted"));
    }

    /// <summary>NO-04.</summary>
    [Fact]
    public async Task NO_04_A_person_promotes_to_the_next_stage_or_wholly()
    {
        var app = await TrialApp.OpenAsync(wherry);
        await app.DeployAsync("one", replicas: 1);

        var begun = await app.BeginAsync("two", "stages: [10%, 30% for 1h, 70%], header: X-User", replicas: 1);
        Assert.Null((await app.StageAsync(begun, 1)).Until);
        await PromoteAsync(begun, full: false);
        var second = await app.StageAsync(begun, 2);
        Assert.Equal((30.0, 3, false), (second.Share, second.Stages, second.Mirrored));
        Assert.InRange(second.Until!.Value - DateTimeOffset.UtcNow, TimeSpan.FromMinutes(58), TimeSpan.FromMinutes(60));
        Assert.Equal(second, (await wherry.Client.StatusAsync(default)).Environments.Single(e => e.Environment.Project == app.Project).Deployment!.Canary);
        await PromoteAsync(begun, full: true);

        Assert.Null((await wherry.EndAsync(begun)).Problem);
        Assert.Equal("two", (await wherry.GetAsync(app.Host)).Body);
        Assert.Single(await wherry.IdsAsync(app.Project, "web"));
    }

    /// <summary>KP-037.</summary>
    [Fact]
    public async Task KP_037_Aborting_sends_everybody_back_and_takes_the_new_replicas_away()
    {
        var app = await TrialApp.OpenAsync(wherry);
        await app.DeployAsync("one");
        var before = await wherry.IdsAsync(app.Project, "web");
        await using var visitors = Visitors.Of(wherry, app.Host);
        var begun = await app.BeginAsync("two", "stages: 99%"); // who asks keeps his side: three visitors must not all be on the other
        await app.StageAsync(begun, 1);
        await visitors.SeeAsync("two");

        await wherry.Client.CancelDeploymentAsync(begun.Id, default);
        var ended = await wherry.EndAsync(begun);
        await visitors.LeaveAsync();

        Assert.Equal(DeploymentOutcome.Cancelled, ended.Outcome);
        Assert.Empty(visitors.Failures);
        Assert.Equal(before, await wherry.IdsAsync(app.Project, "web"));
        Assert.Equal(101, (await app.WhoGetsAsync("one")).Count);
        Assert.Null((await app.AtEdgeAsync()).Service.Split);
    }

    /// <summary>NO-08.</summary>
    [Theory]
    [InlineData("failing", "errors: 5%", "deployment/canary-errors", "answered 100 % of [0-9]+ requests with 5xx; its guard allows 5 %")]
    [InlineData("slow", "p95: 150ms", "deployment/canary-slow", "took 3[0-9][0-9] ms for the fastest 95 % of [0-9]+ requests; its guard allows 150 ms")]
    [InlineData("dies", "restarts: 0", "deployment/canary-restarts", "web-[34] was started again 1 times; its guard allows 0")]
    public async Task NO_08_A_release_that_is_worse_than_its_guard_allows_is_taken_away_by_itself(string behaves, string guard, string code, string told)
    {
        var app = await TrialApp.OpenAsync(wherry);
        await app.DeployAsync("one");
        var before = await wherry.IdsAsync(app.Project, "web");
        var begun = await app.BeginAsync("two", $"stages: 99%, guard: {{ {guard} }}", behaves);
        await app.StageAsync(begun, 1);
        await using var visitors = Visitors.Of(wherry, app.Host);

        var ended = await wherry.EndAsync(begun);

        Assert.Equal((DeploymentOutcome.Failed, code), (ended.Outcome, ended.Problem?.Code));
        Assert.Matches(told, ended.Problem!.Message);
        Assert.Equal(before, await wherry.IdsAsync(app.Project, "web"));
        Assert.Equal(101, (await app.WhoGetsAsync("one")).Count);
        Assert.Null((await app.AtEdgeAsync()).Service.Split);
        Assert.Equal([code], await EventsAsync(app, "deployment/aborted"));
    }

    [Fact]
    public async Task A_release_that_only_gets_copies_is_judged_by_them_and_no_visitor_notices()
    {
        var app = await TrialApp.OpenAsync(wherry);
        await app.DeployAsync("one");
        await using var visitors = Visitors.Of(wherry, app.Host);

        var bad = await wherry.EndAsync(await app.BeginAsync("two", "stages: [mirror 100% for 1h], guard: { errors: 5% }", "failing"));
        Assert.Equal("deployment/canary-errors", bad.Problem?.Code);
        Assert.Equal(["one"], visitors.Answers.Distinct());

        var good = await app.BeginAsync("three", "stages: [mirror 100%], guard: { errors: 5%, p95: 10s }");
        var state = await app.StageAsync(good, 1);
        await LiveWherry.UntilAsync(async () => (await app.AtEdgeAsync()).Split!.Shared.Requests > 100);
        Assert.True(state.Mirrored);
        Assert.Equal(["one"], visitors.Answers.Distinct());
        await PromoteAsync(good, full: false);
        Assert.Null((await wherry.EndAsync(good)).Problem);
        await visitors.SeeAsync("three");
        await visitors.LeaveAsync();
        Assert.Empty(visitors.Failures);
    }

    [Fact]
    public async Task Who_deploys_may_ask_for_a_share_that_no_file_names()
    {
        var app = await TrialApp.OpenAsync(wherry);
        await app.DeployAsync("one");
        var files = new Dictionary<string, string> { ["compose.yaml"] = app.Compose("two", "") };
        var upload = await wherry.Client.UploadAsync(app.Project, "production", (stream, ct) => LiveWherry.WriteTarAsync(stream, files, ct), default);
        var plan = await wherry.Client.PlanAsync(app.Project, "production", new DeployRequest { Upload = upload.Id, Canary = new(35) }, default);
        Assert.Contains("stage 1 of 1: 35 % of the visitors on web-3 until it is promoted", plan.Steps);

        var begun = await app.BeginAsync("two", "", request: new DeployRequest { Canary = new(35) });
        Assert.Equal(35, (await app.StageAsync(begun, 1)).Share);
        await PromoteAsync(begun, full: false);
        Assert.Null((await wherry.EndAsync(begun)).Problem);
        Assert.Equal("two", (await wherry.GetAsync(app.Host)).Body);

        Assert.Equal("deployment/canary-share", (await Assert.ThrowsAsync<ApiException>(() => wherry.Client.DeployAsync(app.Project, "production", new DeployRequest { Canary = new(101) }, default))).Problem.Code);
        var recreated = app.Compose("three", "").Replace("replicas: 2 }", "replicas: 2, update_config: { order: stop-first } }", StringComparison.Ordinal);
        Assert.Equal("deployment/canary-impossible", (await wherry.DeployComposeAsync(app.Project, recreated, new DeployRequest { Canary = new() })).Problem?.Code);
        Assert.Equal("two", (await wherry.GetAsync(app.Host)).Body);
    }

    /// <summary>NO-09.</summary>
    [Fact]
    public async Task NO_09_A_replica_of_the_new_release_that_somebody_removes_is_replaced_with_its_share()
    {
        var app = await TrialApp.OpenAsync(wherry);
        await app.DeployAsync("one");
        var before = await wherry.IdsAsync(app.Project, "web");
        var begun = await app.BeginAsync("two", "stages: 40%, header: X-User");
        await app.StageAsync(begun, 1);
        var who = await app.WhoGetsAsync("two");
        var canary = (await wherry.IdsAsync(app.Project, "web")).Except(before).Single();

        await wherry.Engine.Containers.RemoveAsync(canary, TimeSpan.Zero, removeAnonymousVolumes: true, default);
        await LiveWherry.UntilAsync(async () => (await wherry.IdsAsync(app.Project, "web")).Except(before).SingleOrDefault() is { } other && other != canary);
        await LiveWherry.UntilAsync(async () => (await app.WhoGetsAsync("two")).Count > 0);

        Assert.Equal(who, await app.WhoGetsAsync("two"));
        await app.StageAsync(begun, 1);
        await PromoteAsync(begun, full: false);
        Assert.Null((await wherry.EndAsync(begun)).Problem);
        Assert.Equal(101, (await app.WhoGetsAsync("two")).Count);
    }

    private Task PromoteAsync(Deployment deployment, bool full) => LiveWherry.UntilAsync(async () =>
    {
        try
        {
            await wherry.Client.PromoteAsync(deployment.Id, full, default);
            return true;
        }
        catch (ApiException e) when (e.Problem.Code is "deployment/not-waiting" or "deployment/canary-unhealthy")
        {
            return false; // it has only just got its share
        }
    });

    private async Task<IReadOnlyList<string?>> EventsAsync(TrialApp app, string kind)
    {
        List<string?> found = [];
        await foreach (var e in wherry.Client.EventsAsync(new EventQuery { Project = app.Project, Kind = kind }, default))
        {
            found.Add(e.After);
        }

        return found;
    }
}
