using System.Net;
using Wherry.Client;

namespace Wherry.Server.Tests.Deployments;

public class DeployTests(LiveWherry wherry)
{
    [Fact]
    public async Task KM_01_Before_the_first_deploy_404_and_after_it_the_version_that_was_asked_for()
    {
        var project = await wherry.ProjectAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await wherry.GetAsync($"{project}.localhost")).Status);

        var deployment = await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v1") });

        Assert.Null(deployment.Problem);
        Assert.Equal(DeploymentOutcome.Succeeded, deployment.Outcome);
        Assert.Equal((HttpStatusCode.OK, "v1"), await wherry.GetAsync($"{project}.localhost"));
        Assert.StartsWith($"http://{project}.localhost:", Assert.Single(deployment.Addresses), StringComparison.Ordinal);
    }

    [Fact]
    public async Task KM_07_RG_20_Rollback_serves_the_first_version_again_without_a_build()
    {
        var project = await wherry.ProjectAsync();
        await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v1") });
        await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v2") });
        Assert.Equal("v2", (await wherry.GetAsync($"{project}.localhost")).Body);

        var back = await wherry.EndAsync(await wherry.Client.RollbackAsync(project, "production", new RollbackRequest(), default));

        Assert.Null(back.Problem);
        Assert.Equal("v1", (await wherry.GetAsync($"{project}.localhost")).Body);
        Assert.Equal([2, 1], (await wherry.Client.ReleasesAsync(project, "production", default)).Select(r => r.Number));
        Assert.Equal(1, Assert.Single(await wherry.Client.ReleasesAsync(project, "production", default), r => r.Current).Number);
    }

    [Fact]
    public async Task Every_step_is_in_the_journal_with_its_begin_and_its_end()
    {
        var project = await wherry.ProjectAsync();
        await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v1") });

        var deployment = await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v2") });

        Assert.Contains(deployment.Steps, s => s.Text.StartsWith("wait until", StringComparison.Ordinal));
        Assert.All(deployment.Steps, s => Assert.True(s.State == "done" && s.StartedAt <= s.FinishedAt, s.ToString()));
    }

    [Fact]
    public async Task FL_03_KM_17_An_image_that_crashes_leaves_the_old_one_serving_and_shows_its_last_words()
    {
        var project = await wherry.ProjectAsync();
        await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v1") });
        var before = await wherry.ContainersAsync(project);

        await wherry.Client.ChangeVariablesAsync(project, "production", new ChangeVariables(new Dictionary<string, string> { ["BEHAVE"] = "crash" }, [], Deploy: false), default);
        var failed = await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v2") });

        Assert.Equal(DeploymentOutcome.Failed, failed.Outcome);
        Assert.Contains(failed.Problem!.Code, new[] { "health/exited", "health/restarting" });
        Assert.Contains("cannot reach the database", await wherry.LogAsync(failed), StringComparison.Ordinal);
        Assert.Equal("v1", (await wherry.GetAsync($"{project}.localhost")).Body);
        Assert.Equal(before.Select(c => c.Id), (await wherry.ContainersAsync(project)).Select(c => c.Id));
    }

    [Fact]
    public async Task UC_02_DC_01_Deploying_the_same_again_changes_nothing()
    {
        var project = await wherry.ProjectAsync();
        await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v1") });
        var before = await wherry.ContainersAsync(project);

        var again = await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v1") });

        Assert.Equal(DeploymentOutcome.Succeeded, again.Outcome);
        Assert.Empty(again.Steps);
        Assert.Equal(before.Select(c => c.Id), (await wherry.ContainersAsync(project)).Select(c => c.Id));
        Assert.Single(await wherry.Client.ReleasesAsync(project, "production", default));
    }
}
