using System.Net;
using Wherry.Client;

namespace Wherry.Server.Tests.Deployments;

/// <summary>Builds from an uploaded folder: only what changed, and old images are kept.</summary>
public sealed class BuildTests(LiveWherry wherry)
{
    [Fact]
    public async Task RG_20_Rolling_back_to_a_built_release_needs_no_build()
    {
        var project = await wherry.ProjectAsync();
        Assert.Null((await wherry.DeployAsync(project, Tree("b1"))).Problem);
        Assert.Equal((HttpStatusCode.OK, "b1"), await wherry.GetAsync($"{project}.localhost"));
        var first = Assert.Single(await wherry.ContainersAsync(project)).ImageId;
        Assert.Null((await wherry.DeployAsync(project, Tree("b2"))).Problem);
        Assert.Equal("b2", (await wherry.GetAsync($"{project}.localhost")).Body);

        var back = await wherry.EndAsync(await wherry.Client.RollbackAsync(project, "production", new RollbackRequest(), default));

        Assert.Null(back.Problem);
        Assert.DoesNotContain("building", await wherry.LogAsync(back), StringComparison.Ordinal);
        Assert.Equal("b1", (await wherry.GetAsync($"{project}.localhost")).Body);
        Assert.Equal(first, Assert.Single(await wherry.ContainersAsync(project)).ImageId);
    }

    [Fact]
    public async Task A_tree_that_was_built_before_is_not_built_again()
    {
        var project = await wherry.ProjectAsync();
        var built = await wherry.DeployAsync(project, Tree("b1"));
        Assert.Contains("building web", await wherry.LogAsync(built), StringComparison.Ordinal);

        var again = await wherry.DeployAsync(project, Tree("b1"));
        Assert.Contains("nothing to build", await wherry.LogAsync(again), StringComparison.Ordinal);
        Assert.DoesNotContain("building web", await wherry.LogAsync(again), StringComparison.Ordinal);
        Assert.Empty(again.Steps);

        var asked = await wherry.DeployAsync(project, Tree("b1"), new DeployRequest { Rebuild = true });
        Assert.Contains("building web", await wherry.LogAsync(asked), StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_a_folder_of_two_services_only_the_changed_one_is_built_and_replaced()
    {
        var project = await wherry.ProjectAsync();
        Dictionary<string, string> Both(string web) => new()
        {
            ["compose.yaml"] = ComposeText.Of($"  web:\n    build: ./web\n    expose: [\"3000\"]\n    x-wherry: {{ routes: [\"{project}.localhost\"] }}\n", "  worker:\n    build: ./worker\n"),
            ["web/Dockerfile"] = Dockerfile(web),
            ["worker/Dockerfile"] = Dockerfile("worker"),
        };
        Assert.Null((await wherry.DeployAsync(project, Both("b1"))).Problem);
        var worker = await wherry.IdsAsync(project, "worker");

        var second = await wherry.DeployAsync(project, Both("b2"));

        Assert.Null(second.Problem);
        var log = await wherry.LogAsync(second);
        Assert.Contains("building web", log, StringComparison.Ordinal);
        Assert.Contains("worker: this tree was built before", log, StringComparison.Ordinal);
        Assert.Equal(worker, await wherry.IdsAsync(project, "worker"));
        Assert.Equal("b2", (await wherry.GetAsync($"{project}.localhost")).Body);
    }

    [Fact]
    public async Task A_build_that_fails_names_its_step_and_leaves_the_old_one_serving()
    {
        var project = await wherry.ProjectAsync();
        await wherry.DeployAsync(project, Tree("b1"));
        var tree = Tree("b2");
        tree["Dockerfile"] += "RUN node -e \"console.error('lint found 3 errors'); process.exit(7)\"\n";

        var failed = await wherry.DeployAsync(project, tree);

        Assert.Equal("build/failed", failed.Problem!.Code);
        Assert.Contains("RUN node -e", failed.Problem.Message, StringComparison.Ordinal);
        Assert.Contains("lint found 3 errors", await wherry.LogAsync(failed), StringComparison.Ordinal);
        Assert.Equal("b1", (await wherry.GetAsync($"{project}.localhost")).Body);
        Assert.Single(await wherry.Client.ReleasesAsync(project, "production", default));
    }

    private static Dictionary<string, string> Tree(string version) => new() { ["Dockerfile"] = Dockerfile(version) };

    private static string Dockerfile(string version) => $"FROM {LiveWherry.Image("v1")}\nENV VERSION={version}\n";
}
