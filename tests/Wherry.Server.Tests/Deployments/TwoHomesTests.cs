using Wherry.Client;
using Wherry.Server.Purge;

namespace Wherry.Server.Tests.Deployments;

/// <summary>Two Wherrys on one engine do not notice each other.</summary>
public sealed class TwoHomesTests(LiveWherry first)
{
    [Fact]
    public async Task A_project_of_the_same_name_is_deployed_by_both_and_taken_away_by_each_for_itself()
    {
        await using var second = new LiveWherry();
        await second.InitializeAsync();
        var project = await first.ProjectAsync();
        await second.Client.CreateProjectAsync(new CreateProject(project), default);

        Assert.Null((await first.DeployAsync(project, Files(project, "first"))).Problem);
        Assert.Null((await second.DeployAsync(project, Files(project, "second"))).Problem);
        Assert.Null((await first.DeployAsync(project, Files(project, "first again"))).Problem);

        await AnswersAsync(second, project, "second");
        var own = await ThingsAsync(first, project);
        Assert.Equal(7, own.Count); // a container, a network, a volume, and for each of two releases an image and its tag
        Assert.Empty(own.Intersect(await ThingsAsync(second, project)));

        await new OwnThings(second.Engine, HomeId.Open(second.Options.Keys)).RemoveAsync(default);
        Assert.Empty(await ThingsAsync(second, project));
        Assert.Equal(own, await ThingsAsync(first, project));
        await AnswersAsync(first, project, "first again");

        Assert.Null((await second.DeployAsync(project, Files(project, "second"))).Problem);
        var others = await ThingsAsync(second, project);
        await first.Client.RemoveProjectAsync(project, volumes: true, default);
        Assert.Empty(await ThingsAsync(first, project));
        Assert.Equal(others, await ThingsAsync(second, project));
        await AnswersAsync(second, project, "second");
        await second.Client.RemoveProjectAsync(project, volumes: true, default);
        Assert.Empty(await ThingsAsync(second, project));
    }

    private static async Task AnswersAsync(LiveWherry at, string project, string mark) =>
        Assert.Equal(mark, (await at.VariablesAtAsync($"{project}.localhost"))["MARK"]);

    /// <summary>What a home has on the engine for a project.</summary>
    private static async Task<SortedSet<string>> ThingsAsync(LiveWherry at, string project)
    {
        var labels = new Dictionary<string, string?> { [Labels.Home] = HomeId.Open(at.Options.Keys).Value, [Labels.Project] = project };
        return
        [
            .. (await at.Engine.Containers.ListAsync(labels, true, default)).Select(c => $"container {c.Name}"),
            .. (await at.Engine.Networks.ListAsync(labels, default)).Select(n => $"network {n.Name}"),
            .. (await at.Engine.Volumes.ListAsync(labels, default)).Select(v => $"volume {v.Name}"),
            .. (await at.Engine.Images.ListAsync(labels, default)).SelectMany(i => i.Tags.Prepend(i.Id)).Select(t => $"image {t}"),
        ];
    }

    private static Dictionary<string, string> Files(string project, string mark) => new()
    {
        ["compose.yaml"] = ComposeText.Of($"  web:\n    build: .\n    expose: [\"3000\"]\n    volumes: [\"data:/data\"]\n    x-wherry: {{ routes: [\"{project}.localhost\"] }}\n") + "volumes:\n  data: {}\n",
        ["Dockerfile"] = $"FROM {LiveWherry.Image("v1")}\nENV MARK=\"{mark}\"\n",
    };
}
