using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Wherry.Client;
using Wherry.Server.Store;

namespace Wherry.Server.Tests.Deployments;

/// <summary>Lanes hold, whatever is thrown at them.</summary>
public sealed class LaneTests(LiveWherry wherry)
{
    /// <summary>RG-23.</summary>
    [Fact]
    public async Task RG_23_Of_a_hundred_calls_at_once_one_runs_one_waits_and_nobody_hangs()
    {
        var project = await wherry.ProjectAsync();

        var all = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => wherry.Client.DeployAsync(project, "production", new DeployRequest { Image = LiveWherry.Image(i % 2 == 0 ? "v1" : "v2"), Port = 3000 }, default)));

        Assert.InRange((await wherry.Client.DeploymentsAsync(project, "production", default)).Count(d => d.Outcome is null), 0, 2);
        var ended = await Task.WhenAll(all.Select(wherry.EndAsync)).WaitAsync(TimeSpan.FromMinutes(3));
        Assert.All(ended, d => Assert.Contains(d.Outcome, new DeploymentOutcome?[] { DeploymentOutcome.Succeeded, DeploymentOutcome.Superseded }));
        Assert.InRange(ended.Count(d => d.Outcome == DeploymentOutcome.Succeeded), 1, 20);
        Assert.Equal(HttpStatusCode.OK, (await wherry.GetAsync($"{project}.localhost")).Status);
        Assert.Single(await wherry.IdsAsync(project, "web"));
    }

    /// <summary>RG-09.</summary>
    [Fact]
    public async Task RG_09_A_busy_staging_does_not_delay_production()
    {
        var project = await wherry.ProjectAsync();
        await wherry.Client.CreateEnvironmentAsync(project, new CreateEnvironment("staging"), default);
        var build = new Dictionary<string, string> { ["Dockerfile"] = $"FROM {LiveWherry.Image("v1")}\nENV MARK={project}\nRUN node -e 'setTimeout(() => 0, 600000)'\n" };
        var upload = await wherry.Client.UploadAsync(project, "staging", (s, ct) => LiveWherry.WriteTarAsync(s, build, ct), default);
        var busy = await wherry.Client.DeployAsync(project, "staging", new DeployRequest { Upload = upload.Id }, default);
        await LiveWherry.UntilAsync(async () => (await wherry.LogAsync(busy)).Contains("building web", StringComparison.Ordinal));
        await wherry.Client.DeployAsync(project, "staging", new DeployRequest { Image = LiveWherry.Image("v2") }, default);

        Assert.Null((await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v1") })).Problem);

        Assert.Null((await wherry.Client.DeploymentAsync(busy.Id, default)).Outcome);
        await wherry.Client.CancelDeploymentAsync(busy.Id, default);
        await wherry.EndAsync(busy);
        await LiveWherry.UntilAsync(async () => (await wherry.Client.DeploymentsAsync(project, "staging", default)).All(d => d.Outcome is not null));
    }

    /// <summary>A row that cannot even be read is ended, and the lane goes on.</summary>
    [Fact]
    public async Task A_deployment_that_cannot_be_read_fails_and_the_next_one_runs()
    {
        var project = await wherry.ProjectAsync();
        var slow = await wherry.Client.DeployAsync(project, "production", new DeployRequest { Image = LiveWherry.Image("v1") }, default);
        Assert.Null((await wherry.EndAsync(slow)).Problem);
        await ExecuteAsync("INSERT INTO deployment (id, team_id, environment_id, kind, actor, request, stage, queued_at) SELECT @id, team_id, environment_id, 'Restart', actor, x'00', 'Queued', queued_at FROM deployment WHERE id = @old", new { id = $"{slow.Id}0", old = slow.Id });

        var next = await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v2") });

        Assert.Null(next.Problem);
        await LiveWherry.UntilAsync(async () => (await RowsAsync(project)).All(o => o is not null));
        Assert.Equal("v2", (await wherry.GetAsync($"{project}.localhost")).Body);
    }

    /// <summary>A store that refuses to be written, also while the worker gives up, leaves nothing running for ever.</summary>
    [Fact]
    public async Task A_store_that_cannot_be_written_for_a_while_is_waited_for()
    {
        var project = await wherry.ProjectAsync();
        Assert.Null((await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v1") })).Problem);
        var id = (await RowIdAsync(project)).ToString(System.Globalization.CultureInfo.InvariantCulture);
        await ExecuteAsync($"CREATE TRIGGER broken_{project} BEFORE UPDATE OF plan ON deployment WHEN NEW.environment_id = {id} BEGIN SELECT RAISE(ABORT, 'the disk is full'); END");
        var begun = await wherry.Client.DeployAsync(project, "production", new DeployRequest { Image = LiveWherry.Image("v2") }, default);
        await LiveWherry.UntilAsync(async () => (await wherry.Client.DeploymentAsync(begun.Id, default)).StartedAt is not null);
        await Task.Delay(1500);
        Assert.Null((await wherry.Client.DeploymentAsync(begun.Id, default)).Outcome);

        await ExecuteAsync($"DROP TRIGGER broken_{project}");

        Assert.NotNull((await wherry.EndAsync(begun)).Outcome);
        Assert.Null((await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v3") })).Problem);
        Assert.Equal("v3", (await wherry.GetAsync($"{project}.localhost")).Body);
    }

    /// <summary>KM-29.</summary>
    [Fact]
    public async Task KM_29_The_same_version_again_loses_nothing()
    {
        var project = await wherry.ProjectAsync();
        var host = $"{project}.localhost";
        var compose = ComposeText.Of(ComposeText.Web(host));
        Assert.Null((await wherry.DeployComposeAsync(project, compose)).Problem);
        await using var visitors = Visitors.Of(wherry, host);
        await visitors.SeeAsync("v1");
        var before = await wherry.IdsAsync(project, "web");

        var again = await wherry.DeployComposeAsync(project, compose);
        Assert.Equal((1, null), (again.Release, again.Problem));
        Assert.Equal(before, await wherry.IdsAsync(project, "web"));

        for (var i = 0; i < 3; i++)
        {
            // Every container is exchanged for one of the same version.
            Assert.Null((await wherry.EndAsync(await wherry.Client.RestartAsync(project, "production", new ServicesRequest(), default))).Problem);
        }

        await visitors.LeaveAsync();
        Assert.Empty(visitors.Failures);
        Assert.DoesNotContain(Assert.Single(await wherry.IdsAsync(project, "web")), before);
    }

    private async Task<long> RowIdAsync(string project)
    {
        await using var connection = await wherry.Services.GetRequiredService<Database>().Dialect.ConnectAsync(default);
        return await Dapper.SqlMapper.QuerySingleAsync<long>(connection, "SELECT e.id FROM environment e JOIN project p ON p.id = e.project_id WHERE p.name = @project", new { project });
    }

    private async Task<IEnumerable<string?>> RowsAsync(string project)
    {
        await using var connection = await wherry.Services.GetRequiredService<Database>().Dialect.ConnectAsync(default);
        return await Dapper.SqlMapper.QueryAsync<string?>(connection, "SELECT d.outcome FROM deployment d JOIN environment e ON e.id = d.environment_id JOIN project p ON p.id = e.project_id WHERE p.name = @project", new { project });
    }

    private async Task ExecuteAsync(string sql, object? with = null)
    {
        await using var connection = await wherry.Services.GetRequiredService<Database>().Dialect.ConnectAsync(default);
        await Dapper.SqlMapper.ExecuteAsync(connection, sql, with);
    }
}
