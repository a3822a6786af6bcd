using Wherry.Core.Deployments;
using Wherry.Core.Model;
using Wherry.Core.Planning;
using Wherry.Core.Problems;
using Wherry.Server.Deployments;
using Wherry.Server.Store;

namespace Wherry.Server.Tests.Store;

/// <summary>The queries of every store, on each database.</summary>
public abstract class StoreQueryTests(StoreKind kind, LivePostgres postgres) : IAsyncLifetime
{
    private readonly SetClock _clock = new();
    private TestStore _store = null!;
    private FilledStore _all = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = await TestStore.OpenAsync(kind, postgres);
        _all = await FilledStore.OfAsync(_store.Database, Path.Combine(_store.Folder, "keys"), _clock);
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return _store.DisposeAsync();
    }

    [Fact]
    public async Task Projects_and_environments_are_made_once_listed_in_order_and_removed_with_all_they_have()
    {
        await _all.FillAsync();
        await _all.Projects.CreateAsync(TeamId.Default, ProjectName.Parse("a-b"), Ct);
        await _all.Projects.CreateAsync(TeamId.Default, ProjectName.Parse("ab"), Ct);
        Assert.Equal("project/exists", (await Assert.ThrowsAsync<ProblemException>(() => _all.Projects.CreateAsync(TeamId.Default, ProjectName.Parse("ab"), Ct))).Problem.Code);
        Assert.Equal(["a-b", "ab", "shop"], (await _all.Projects.ListAsync(TeamId.Default, Ct)).Select(p => p.Name));

        var shop = (await _all.Projects.GetAsync(TeamId.Default, ProjectName.Parse("shop"), Ct)).Id;
        await _all.Environments.CreateAsync(TeamId.Default, shop, Core.Model.EnvironmentName.Parse("alpha"), "main", Ct);
        Assert.Equal("environment/exists", (await Assert.ThrowsAsync<ProblemException>(() => _all.Environments.CreateAsync(TeamId.Default, shop, Core.Model.EnvironmentName.Parse("alpha"), "main", Ct))).Problem.Code);
        Assert.Equal(["a-b/production", "ab/production", "shop/production", "shop/alpha"], (await _all.Environments.ListAsync(TeamId.Default, Ct)).Select(e => $"{e.Project}/{e.Name}"));
        Assert.Equal(4, (await _all.Environments.AllAsync(Ct)).Count);

        await _all.Environments.SetStoppedAsync(_all.Shop, true, Ct);
        Assert.Equal(1, (await _all.Environments.ListAsync(TeamId.Default, Ct)).Single(e => e.Id == _all.Shop.Id).Stopped);

        await _all.Projects.RemoveAsync(TeamId.Default, ProjectName.Parse("shop"), Ct);
        Assert.Empty(await _store.Database.QueryAsync<long>("SELECT number FROM release UNION ALL SELECT sequence FROM deployment UNION ALL SELECT secret FROM variable UNION ALL SELECT position FROM deployment_step", null, Ct));
    }

    [Fact]
    public async Task Variables_are_set_changed_and_removed_and_a_secret_stays_one()
    {
        await SetAsync("A", "1", secret: true);
        await SetAsync("A", "2", secret: false);
        await SetAsync("B", "", secret: false);
        var read = await _all.Variables.ReadAsync(_all.Shop, Ct);
        Assert.Equal([("A", "2", true), ("B", "", false)], read.All.Select(v => (v.Name, v.Value, v.Secret)));

        await Assert.ThrowsAsync<ProblemException>(() => _all.Variables.ChangeAsync(_all.Shop, "", new Dictionary<VariableName, string>(), [VariableName.Parse("B"), VariableName.Parse("C")], false, Ct));
        Assert.Equal(2, (await _all.Variables.ReadAsync(_all.Shop, Ct)).All.Count);

        Task SetAsync(string name, string value, bool secret) => _all.Variables.ChangeAsync(_all.Shop, "", new Dictionary<VariableName, string> { [VariableName.Parse(name)] = value }, [], secret, Ct);
    }

    [Fact]
    public async Task Releases_cut_at_once_have_numbers_without_a_gap_and_read_as_they_were_written()
    {
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Task.Run(
            () => _all.Releases.CutAsync(_all.Shop, new ProjectModel { Services = new Dictionary<ServiceName, ServiceSpec>() }, new ModelInput { Image = "x" }, "image", null, Ct), Ct)));

        Assert.Equal(Enumerable.Range(1, 10).Reverse().Select(n => (long)n), (await _all.Releases.ListAsync(_all.Shop, Ct)).Select(r => r.Number));
        Assert.Null(await _all.Releases.FindCurrentAsync(_all.Shop, Ct));
        await _all.Environments.SetCurrentAsync(_all.Shop, 7, Ct);
        Assert.Equal(7, (await _all.Releases.FindCurrentAsync(_all.Shop, Ct))!.Number);
        Assert.Equal("x", (await _all.Releases.InputAsync(_all.Shop, 7, Ct)).Image);
        await _all.Releases.ForgetImagesAsync(_all.Shop, [1, 2], Ct);
        await _all.Releases.ForgetImagesAsync(_all.Shop, [], Ct);
        Assert.Equal([2, 1], (await _all.Releases.ListAsync(_all.Shop, Ct)).Where(r => r.Kept == 0).Select(r => r.Number));
    }

    [Fact]
    public async Task Of_many_workers_one_gets_a_deployment()
    {
        var id = await _all.QueueAsync();

        var got = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Task.Run(() => _all.Deployments.ClaimAsync(TeamId.Default, id, Ct), Ct)));

        Assert.Single(got, true);
    }

    [Fact]
    public async Task A_hundred_deploys_queued_at_once_leave_one_waiting()
    {
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => _all.QueueAsync(DeploymentKind.Deploy), Ct)));

        var counts = await _store.Database.QueryAsync<(string? Outcome, long Count)>("SELECT outcome, COUNT(*) FROM deployment GROUP BY outcome", null, Ct);
        Assert.Equal([(null, 1), ("Superseded", 99)], counts.OrderBy(c => c.Outcome));
        Assert.Equal(100, (await _store.Database.QueryAsync<long>("SELECT COUNT(DISTINCT sequence) FROM deployment", null, Ct))[0]);
    }

    [Fact]
    public async Task A_journal_keeps_when_a_step_began_and_how_it_ended()
    {
        var id = await _all.QueueAsync();
        var d = new Deployment { Id = id, Kind = DeploymentKind.Restart, Stage = Stage.Starting, Plan = Plan.Empty };
        await _all.Deployments.SaveAsync(TeamId.Default, d, 1, new StepRow(0, "running", 5, null), Ct);
        await _all.Deployments.SaveAsync(TeamId.Default, d, 1, new StepRow(0, "done", null, 9), Ct);

        Assert.Equal([new StepRow(0, "done", 5, 9)], await _all.Deployments.StepsAsync(TeamId.Default, id, Ct));
        var row = await _all.Deployments.GetAsync(TeamId.Default, id, Ct);
        Assert.Equal(("Starting", 1L, _clock.Now), (row.Stage, row.Release, row.StartedAt.FromStore()));
        Assert.Equal(DeploymentKind.Restart, _all.Deployments.Intent(row).Kind);

        await _all.Deployments.SaveAsync(TeamId.Default, d with { Stage = Stage.Finished, Problem = new Problem("health/deadline", "m", "h") }, 1, null, Ct);
        Assert.Equal(("Failed", "health/deadline"), await OutcomeAsync(id));
    }

    [Fact]
    public async Task Builds_scale_and_events_are_kept()
    {
        await _all.FillAsync();
        await _all.Builds.SaveAsync(_all.Shop, "key", ImageReference.Parse("busybox:2"), Ct);
        Assert.Equal("busybox:2", (await _all.Builds.FindAsync(_all.Shop, "key", Ct))!.Value);
        Assert.Null(await _all.Builds.FindAsync(_all.Shop, "KEY", Ct));
        await _all.Environments.SetScaleAsync(_all.Shop, new Dictionary<ServiceName, int> { [ServiceName.Parse("web")] = 5 }, Ct);
        Assert.Equal(5, (await _all.Environments.ScaleAsync(_all.Shop, Ct))[ServiceName.Parse("web")]);
        Assert.Equal(["replica/replaced"], await _store.Database.QueryAsync<string>("SELECT kind FROM event", null, Ct));
    }

    /// <summary>A clock that was set back by a day: bad day of the issue.</summary>
    [Fact]
    public async Task When_the_clock_is_set_back_a_day_the_latest_deployment_is_still_the_one_asked_for_last()
    {
        var first = await _all.QueueAsync();
        _clock.Now -= TimeSpan.FromDays(1);
        var second = await _all.QueueAsync();
        _clock.Now += TimeSpan.FromDays(2);
        var third = await _all.QueueAsync();

        Assert.Equal([third, second, first], (await _all.Deployments.ListAsync(_all.Shop, Ct)).Select(d => d.Id));
        Assert.Equal(third, Assert.Single(await _all.Deployments.LastAsync(TeamId.Default, Ct)).Id);
        Assert.Equal(first, (await _all.Deployments.FindNextAsync(_all.Shop, Ct))!.Id);

        Assert.True(await _all.Deployments.ClaimAsync(TeamId.Default, second, Ct));
        Assert.Equal(second, (await _all.Deployments.FindNextAsync(_all.Shop, Ct))!.Id);
    }

    private async Task<(string?, string?)> OutcomeAsync(string id)
    {
        var row = await _all.Deployments.GetAsync(TeamId.Default, id, Ct);
        return (row.Outcome, row.ProblemCode);
    }

    public sealed class OnSqlite(LivePostgres postgres) : StoreQueryTests(StoreKind.Sqlite, postgres);

    public sealed class OnPostgres(LivePostgres postgres) : StoreQueryTests(StoreKind.Postgres, postgres);
}
