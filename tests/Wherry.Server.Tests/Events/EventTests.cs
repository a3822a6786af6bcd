using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Wherry.Client;
using Wherry.Server.Events;
using Wherry.Server.Store;
using Wherry.Server.Tests.Deployments;

namespace Wherry.Server.Tests.Events;

/// <summary>Who did what, when, and how it was before and after.</summary>
public sealed class EventTests(LiveWherry wherry)
{
    [Fact]
    public async Task Everything_that_changes_is_told_with_who_did_it_and_how_it_was()
    {
        var project = await wherry.ProjectAsync();
        await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v1") });
        await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v2") });
        await wherry.EndAsync(await wherry.Client.ScaleAsync(project, "production", new ScaleRequest(new Dictionary<string, int> { ["web"] = 2 }), default));
        await wherry.EndAsync(await wherry.Client.RollbackAsync(project, "production", new RollbackRequest(), default));
        await wherry.Client.PauseAsync(project, "production", new SetPause(true), default);
        await wherry.Client.PauseAsync(project, "production", new SetPause(false), default);
        await wherry.Client.MaintenanceAsync(project, "production", new SetMaintenance(true), default);
        await wherry.Client.MaintenanceAsync(project, "production", new SetMaintenance(false), default);
        await wherry.Client.CreateEnvironmentAsync(project, new CreateEnvironment("staging"), default);
        await wherry.Client.RemoveEnvironmentAsync(project, "staging", volumes: true, default);

        await LiveWherry.UntilAsync(async () => (await ReadAsync(project)).Count(e => e.Kind == EventKinds.DeploymentFinished) == 4);
        var events = await ReadAsync(project);

        string[] expected = [EventKinds.ProjectCreated, EventKinds.DeploymentQueued, EventKinds.DeploymentStarted, EventKinds.PauseOn, EventKinds.PauseOff, EventKinds.MaintenanceOn, EventKinds.MaintenanceOff, EventKinds.EnvironmentCreated, EventKinds.EnvironmentRemoved];
        Assert.All(expected, kind => Assert.Contains(events, e => e.Kind == kind));
        Assert.All(events, e => Assert.StartsWith("socket:", e.Actor, StringComparison.Ordinal));
        Assert.Equal(("1", "2"), events.Where(e => e.Kind == EventKinds.ServiceScaled).Select(e => (e.Before!, e.After!)).Single());
        Assert.Equal([(null, "r1"), ("r1", "r2"), ("r2", "r2"), ("r2", "r1")], events.Where(e => e.Kind == EventKinds.DeploymentFinished).Select(e => (e.Before, e.After)));
        Assert.Equal(events.Select(e => e.Id).Order(), events.Select(e => e.Id));
    }

    [Fact]
    public async Task A_failure_is_told_with_its_code_and_what_serves_on()
    {
        var project = await wherry.ProjectAsync();
        await wherry.DeployAsync(project, new DeployRequest { Image = "wherry-test/no-such-image:1" });

        await LiveWherry.UntilAsync(async () => (await ReadAsync(project)).Any(e => e.Kind == EventKinds.DeploymentFailed));
        var failed = (await ReadAsync(project)).Single(e => e.Kind == EventKinds.DeploymentFailed);

        Assert.Null(failed.Before);
        Assert.Contains("/", failed.After!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Values_of_variables_and_secrets_are_never_told()
    {
        var project = await wherry.ProjectAsync();
        await wherry.Client.ChangeVariablesAsync(project, "production", new ChangeVariables(new Dictionary<string, string> { ["PLAIN"] = "plain-value-8271" }, []), default);
        await wherry.Client.ChangeVariablesAsync(project, "production", new ChangeVariables(new Dictionary<string, string> { ["HIDDEN"] = "secret-value-8271" }, [], Secret: true), default);
        await wherry.Client.ChangeVariablesAsync(project, "production", new ChangeVariables(new Dictionary<string, string>(), ["PLAIN"]), default);

        var events = await ReadAsync(project);

        Assert.Equal([(EventKinds.VariableSet, "PLAIN"), (EventKinds.SecretSet, "HIDDEN"), (EventKinds.VariableRemoved, "PLAIN")], events.Skip(1).Select(e => (e.Kind, e.About)));
        Assert.DoesNotContain(events, e => $"{e}".Contains("8271", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_follower_goes_on_behind_the_last_event_that_it_saw()
    {
        var project = await wherry.ProjectAsync();
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await using var follower = wherry.Client.EventsAsync(new EventQuery { Project = project, Follow = true }, stop.Token).GetAsyncEnumerator(stop.Token);
        Assert.True(await follower.MoveNextAsync());
        Assert.Equal(EventKinds.ProjectCreated, follower.Current.Kind);
        var seen = follower.Current.Id;

        var next = follower.MoveNextAsync();
        await wherry.Client.CreateEnvironmentAsync(project, new CreateEnvironment("staging"), default);

        Assert.True(await next);
        Assert.Equal((EventKinds.EnvironmentCreated, "staging"), (follower.Current.Kind, follower.Current.About));
        await using var resumed = wherry.Client.EventsAsync(new EventQuery { Project = project, After = seen, Follow = true }, stop.Token).GetAsyncEnumerator(stop.Token);
        Assert.True(await resumed.MoveNextAsync());
        Assert.Equal(EventKinds.EnvironmentCreated, resumed.Current.Kind);
    }

    [Fact]
    public async Task Kind_limit_and_place_choose_what_is_told()
    {
        var project = await wherry.ProjectAsync();
        foreach (var name in new[] { "one", "two", "three" })
        {
            await wherry.Client.CreateEnvironmentAsync(project, new CreateEnvironment(name), default);
        }

        var all = await ReadAsync(new EventQuery { Project = project, Kind = "environment" });
        Assert.Equal(["one", "two", "three"], all.Select(e => e.About));
        Assert.Equal(["two", "three"], (await ReadAsync(new EventQuery { Project = project, Limit = 2 })).Select(e => e.About));
        Assert.Equal(["two"], (await ReadAsync(new EventQuery { Project = project, After = all[0].Id, Limit = 1 })).Select(e => e.About));
        Assert.Equal(["three"], (await ReadAsync(new EventQuery { Project = project, Environment = "three", Kind = EventKinds.EnvironmentCreated })).Select(e => e.About));
        Assert.Equal("event/query", (await Assert.ThrowsAsync<ApiException>(() => ReadAsync(new EventQuery { Kind = "a%" }))).Problem.Code);
    }

    [Fact]
    public async Task Another_teams_events_are_not_seen()
    {
        await using var home = await Home.StartAsync();
        await home.Get<Database>().For(TeamId.Default).ExecuteAsync("INSERT INTO team (id, name) SELECT @team + 1, 'other'", null, default);
        await home.Get<EventLog>().RecordAsync(new TeamId(2), new EventEntry("somebody", "their/thing", "x"), default);

        using var client = home.OverSocket();
        Assert.DoesNotContain(await ReadAsync(client, new EventQuery()), e => e.Kind == "their/thing");
    }

    [Fact]
    public async Task The_servers_coming_and_going_and_its_tokens_are_told()
    {
        await using var home = await Home.StartAsync();
        using (var client = home.OverSocket())
        {
            var token = await client.CreateTokenAsync(new CreateToken("ci", TokenScope.Deploy), default);
            await client.RevokeTokenAsync(token.Token.Id, default);
            Assert.Equal("ci", Assert.Single(await ReadAsync(client, new EventQuery { Kind = EventKinds.TokenRevoked })).About);
            Assert.DoesNotContain(await ReadAsync(client, new EventQuery()), e => $"{e}".Contains(token.Secret, StringComparison.Ordinal));
        }

        await home.StopServerAsync();
        await home.StartServerAsync();

        using var again = home.OverSocket();
        Assert.Equal([EventKinds.ServerStarted, EventKinds.TokenMade, EventKinds.TokenRevoked, EventKinds.ServerStopped, EventKinds.ServerStarted], (await ReadAsync(again, new EventQuery())).Select(e => e.Kind));
    }

    [Fact]
    public async Task An_event_that_cannot_be_written_fails_nothing_and_is_written_later()
    {
        await using var home = await Home.StartAsync();
        var (log, team) = (home.Get<EventLog>(), home.Get<Database>().For(TeamId.Default));
        await team.ExecuteAsync("ALTER TABLE event RENAME TO away /* @team */", null, default);
        await log.RecordAsync(TeamId.Default, new EventEntry("somebody", "some/thing", "x"), default);
        await team.ExecuteAsync("ALTER TABLE away RENAME TO event /* @team */", null, default);

        await log.RetryAsync(default);

        using var client = home.OverSocket();
        Assert.Contains(await ReadAsync(client, new EventQuery()), e => e.Kind == "some/thing");
    }

    [Fact]
    public async Task Old_events_and_too_many_are_given_up_and_ids_still_rise()
    {
        await using var home = await Home.StartAsync();
        var (log, team) = (home.Get<EventLog>(), home.Get<Database>().For(TeamId.Default));
        for (var i = 0; i < 5; i++)
        {
            await log.RecordAsync(TeamId.Default, new EventEntry("somebody", "some/thing", $"{i}"), default);
        }

        var keeper = home.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<EventKeeper>().Single();
        using var client = home.OverSocket();
        await keeper.SweepAsync(default, most: 3);
        Assert.Equal(["2", "3", "4"], (await ReadAsync(client, new EventQuery())).Select(e => e.About));

        await team.ExecuteAsync("UPDATE event SET at = 0 WHERE team_id = @team", null, default);
        await keeper.SweepAsync(default);
        var last = Assert.Single(await ReadAsync(client, new EventQuery()));
        await log.RecordAsync(TeamId.Default, new EventEntry("somebody", "some/thing", "next"), default);
        Assert.Equal(last.Id + 1, (await ReadAsync(client, new EventQuery()))[^1].Id);
    }

    [Fact]
    public void The_page_describes_every_kind()
    {
        var page = File.ReadAllText(Path.Combine(LiveWherry.RepositoryRoot(), "docs/event.md"));
        var kinds = typeof(EventKinds).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (string)f.GetRawConstantValue()!);

        Assert.All(kinds, kind => Assert.Contains($"`{kind}`", page, StringComparison.Ordinal));
    }

    private Task<List<Event>> ReadAsync(string project) => ReadAsync(new EventQuery { Project = project });

    private Task<List<Event>> ReadAsync(EventQuery query) => ReadAsync(wherry.Client, query);

    private static async Task<List<Event>> ReadAsync(WherryClient client, EventQuery query) => await client.EventsAsync(query, default).ToListAsync();
}
