using Microsoft.Extensions.DependencyInjection;
using Wherry.Client;
using Wherry.Server.Environments;
using Wherry.Server.Store;

namespace Wherry.Server.Tests.Deployments;

/// <summary>What is removed while a deployment is at work in it is gone, and so is the deployment.</summary>
public sealed class RemovalAtWorkTests(LiveWherry wherry)
{
    /// <summary>At its gate, in its release command, in its build.</summary>
    [Theory]
    [InlineData("    environment: { BEHAVE: deaf }\n", "", "wait until web-")]
    [InlineData("    environment: { MARK: other }\n", "      release: [node, -e, \"setTimeout(() => 0, 600000)\"]\n", "release command")]
    [InlineData("    build: { context: ., dockerfile: Slow }\n", "", "building web")]
    public async Task KM_13_Removing_a_project_breaks_off_what_is_at_work_in_it(string keys, string ours, string at)
    {
        var project = await wherry.ProjectAsync();
        var compose = $"services:\n  web:\n    image: {LiveWherry.Image("v1")}\n    expose: [\"3000\"]\n";
        Assert.Null((await wherry.DeployComposeAsync(project, $"{compose}    x-wherry:\n      routes: [\"{project}.localhost\"]\n")).Problem);
        if (keys.Contains("build", StringComparison.Ordinal))
        {
            compose = "services:\n  web:\n    expose: [\"3000\"]\n";
        }

        var begun = await wherry.BeginAsync(project, new Dictionary<string, string>
        {
            ["compose.yaml"] = $"{compose}{keys}    x-wherry:\n      routes: [\"{project}.localhost\"]\n{ours}",
            ["Slow"] = $"FROM {LiveWherry.Image("v1")}\nENV MARK={project}\nRUN node -e 'setTimeout(() => 0, 600000)'\n",
        });
        await LiveWherry.UntilAsync(async () => (await wherry.LogAsync(begun)).Contains(at, StringComparison.Ordinal));
        await wherry.Client.DeployAsync(project, "production", new DeployRequest { Image = LiveWherry.Image("v2") }, default); // waits

        await wherry.Client.RemoveProjectAsync(project, volumes: true, default).WaitAsync(TimeSpan.FromSeconds(30));

        await NothingIsLeftAsync(project);

        // The store gives the ids of what is gone again; nothing of the old holds up the new.
        await wherry.Client.CreateProjectAsync(new CreateProject(project), default);
        Assert.Null((await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v2") }).WaitAsync(TimeSpan.FromSeconds(30))).Problem);
        Assert.Equal("v2", (await wherry.GetAsync($"{project}.localhost")).Body);
    }

    [Fact]
    public async Task Removing_again_and_again_while_a_deployment_starts_leaves_nothing()
    {
        for (var pause = 0; pause < 2000; pause += 250)
        {
            var project = await wherry.ProjectAsync();
            await wherry.BeginAsync(project, new Dictionary<string, string> { ["compose.yaml"] = ComposeText.Of(ComposeText.Web($"{project}.localhost")) });
            await Task.Delay(pause);

            await wherry.Client.RemoveProjectAsync(project, volumes: true, default);

            await NothingIsLeftAsync(project);
        }
    }

    [Fact]
    public async Task What_is_being_removed_takes_no_deployment_and_what_is_gone_neither()
    {
        var project = await wherry.ProjectAsync();
        var environments = wherry.Services.GetRequiredService<EnvironmentStore>();
        var environment = await environments.GetAsync(TeamId.Default, project, "production", default);

        environments.Leave(environment);
        var leaving = await Assert.ThrowsAsync<ApiException>(() => wherry.Client.DeployAsync(project, "production", new DeployRequest { Image = LiveWherry.Image("v1") }, default));
        var twice = await Assert.ThrowsAsync<ApiException>(() => wherry.Client.RemoveEnvironmentAsync(project, "production", volumes: false, default));
        environments.Stay(environment);

        Assert.Equal(("environment/leaving", 409), (leaving.Problem.Code, leaving.Status));
        Assert.Equal("environment/leaving", twice.Problem.Code);
        Assert.Null((await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v1") })).Problem);
    }

    private async Task NothingIsLeftAsync(string project)
    {
        var labels = new Dictionary<string, string?> { [Labels.Project] = project };
        await Task.Delay(1500); // what would come late
        Assert.Empty(await wherry.Engine.Containers.ListAsync(labels, true, default));
        Assert.Empty(await wherry.Engine.Networks.ListAsync(labels, default));
    }
}
