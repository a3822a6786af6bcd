using System.Net;
using Wherry.Client;
using Wherry.Core.Model;
using Wherry.Server.Tests.Deployments;

namespace Wherry.Server.Tests.Reconcile;

/// <summary>What was changed from outside is told, and put back or taken over on request.</summary>
public sealed class DriftTests(LiveWherry wherry)
{
    [Fact]
    public async Task A_new_deployment_has_no_drift()
    {
        var project = await wherry.ProjectAsync();
        var compose = ComposeText.Of(
            ComposeText.Web($"{project}.localhost", keys: "ports: [\"127.0.0.1::3000\"]\nvolumes: [\"data:/data\", \"/opt:/host:ro\", \"/anonymous\"]\ntmpfs: [\"/scratch\"]\nmem_limit: 200m\ncpus: 0.5\npids_limit: 300\nenvironment: { A: \"1\" }\nnetworks: [default, back]"),
            ComposeText.Service("worker", keys: "restart: on-failure:3")) + "volumes:\n  data: {}\nnetworks:\n  back: {}\n";
        await wherry.Client.AllowAsync(project, "host-files", default);
        Assert.Null((await wherry.DeployComposeAsync(project, compose)).Problem);

        Assert.Empty(await wherry.Client.DriftAsync(project, default));
        Assert.Contains(await wherry.Client.DoctorAsync(default), c => c.Name == "drift");
    }

    [Fact]
    public async Task Limits_and_policies_that_were_changed_are_told_and_put_back_on_request()
    {
        var project = await DeployedAsync();
        var id = Assert.Single(await wherry.IdsAsync(project, "web"));
        Assert.Empty(await wherry.Client.DriftAsync(project, default));

        await wherry.Engine.Containers.UpdateAsync(id, new Resources(Cpus: 0.5), new RestartPolicy(RestartCondition.No), default);

        await LiveWherry.UntilAsync(async () => (await wherry.Client.DriftAsync(project, default)).Any(d => d is { Kind: "settings", Heals: false }));
        var drift = Assert.Single(await wherry.Client.DriftAsync(project, default));
        Assert.Contains("restart policy, limits", drift.Found, StringComparison.Ordinal);
        Assert.Contains(await wherry.Client.DoctorAsync(default), c => c is { Name: "drift", State: "warning" } && c.Finding.Contains(project, StringComparison.Ordinal));

        Assert.Null((await wherry.EndAsync(await wherry.Client.RevertDriftAsync(project, "production", default))).Problem);

        Assert.Empty(await wherry.Client.DriftAsync(project, default));
        Assert.NotEqual(id, Assert.Single(await wherry.IdsAsync(project, "web")));
        Assert.Equal((HttpStatusCode.OK, "v1"), await wherry.GetAsync($"{project}.localhost"));
        var none = await Assert.ThrowsAsync<ApiException>(() => wherry.Client.RevertDriftAsync(project, "production", default));
        Assert.Equal("drift/none", none.Problem.Code);
    }

    [Fact]
    public async Task A_network_that_was_taken_off_is_told()
    {
        var project = await wherry.ProjectAsync();
        Assert.Null((await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Service("worker", keys: "networks: [default, back]")) + "networks:\n  back: {}\n")).Problem);
        var container = Assert.Single(await wherry.ContainersAsync(project));
        Assert.Empty(await wherry.Client.DriftAsync(project, default));

        await wherry.Engine.Networks.DisconnectAsync(container.Networks.Keys.Single(n => n.EndsWith("_back", StringComparison.Ordinal)), container.Id, default);

        await LiveWherry.UntilAsync(async () => (await wherry.Client.DriftAsync(project, default)).Any(d => d.Kind == "settings" && d.Found.EndsWith("networks", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_service_that_is_left_alone_is_told_and_what_is_can_be_taken_over()
    {
        var project = await DeployedAsync("deploy: { heal: false }", "scale: 2");
        var id = (await wherry.IdsAsync(project, "web")).First();
        await wherry.Engine.Containers.RemoveAsync(id, TimeSpan.Zero, true, default);

        await LiveWherry.UntilAsync(async () => (await wherry.Client.DriftAsync(project, default)).Any(d => d is { Kind: "missing", Heals: false }));
        Assert.Equal(["web has 1 replica"], await wherry.Client.AdoptDriftAsync(project, "production", default));

        Assert.Equal(1, Assert.Single(await wherry.Client.ServicesAsync(project, "production", default)).Wanted);
        Assert.DoesNotContain(await wherry.Client.DriftAsync(project, default), d => d.Kind == "missing");
    }

    [Fact]
    public async Task What_was_seen_before_a_deployment_at_work_is_not_taken_over()
    {
        var project = await DeployedAsync("deploy: { heal: false }", "scale: 2");
        await wherry.Engine.Containers.RemoveAsync((await wherry.IdsAsync(project, "web")).First(), TimeSpan.Zero, true, default);
        await LiveWherry.UntilAsync(async () => (await wherry.Client.DriftAsync(project, default)).Any(d => d is { Kind: "missing", Heals: false }));

        var restart = await wherry.Client.RestartAsync(project, "production", new ServicesRequest(), default);
        await wherry.Client.PauseDeploymentAsync(restart.Id, default);
        var refused = await Assert.ThrowsAsync<ApiException>(() => wherry.Client.AdoptDriftAsync(project, "production", default));
        await wherry.Client.ResumeDeploymentAsync(restart.Id, default);

        Assert.Equal("drift/none", refused.Problem.Code);
        Assert.Null((await wherry.EndAsync(restart)).Problem);
        Assert.Equal(2, Assert.Single(await wherry.Client.ServicesAsync(project, "production", default)).Wanted);
    }

    [Fact]
    public async Task What_was_stopped_and_runs_is_told_and_stopped_again_on_request()
    {
        var project = await DeployedAsync();
        Assert.Null((await wherry.EndAsync(await wherry.Client.StopAsync(project, "production", new ServicesRequest(), default))).Problem);
        Assert.Empty(await wherry.Client.DriftAsync(project, default));
        await wherry.Engine.Containers.StartAsync(Assert.Single(await wherry.IdsAsync(project, "web")), default);

        Assert.Contains(await wherry.Client.DriftAsync(project, default), d => d is { Kind: "running", Heals: false });
        Assert.Null((await wherry.EndAsync(await wherry.Client.RevertDriftAsync(project, "production", default))).Problem);

        Assert.Empty(await wherry.Client.DriftAsync(project, default));
    }

    private async Task<string> DeployedAsync(string xWherry = "", string keys = "")
    {
        var project = await wherry.ProjectAsync();
        Assert.Null((await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web($"{project}.localhost", keys: keys, wherry: xWherry)))).Problem);
        return project;
    }
}
