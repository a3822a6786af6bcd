using System.Net;
using Wherry.Client;

namespace Wherry.Server.Tests.Deployments;

/// <summary>What is removed is gone, and nothing else is.</summary>
public sealed class RemovalTests(LiveWherry wherry)
{
    [Fact]
    public async Task KM_13_Removing_leaves_no_container_image_network_volume_or_folder()
    {
        var project = await wherry.ProjectAsync();
        var compose = ComposeText.Of($"  web:\n    build: .\n    expose: [\"3000\"]\n    volumes: [\"data:/data\"]\n    x-wherry: {{ routes: [\"{project}.localhost\"] }}\n") + "volumes:\n  data: {}\n";
        Assert.Null((await wherry.DeployAsync(project, Files(compose, $"ENV MARK={project}"))).Problem);

        // One that fails behind a build leaves an image that no release has.
        var failed = await wherry.DeployAsync(project, Files(compose, $"ENV MARK={project}-2\nENV BEHAVE=crash"));
        Assert.Equal(DeploymentOutcome.Failed, failed.Outcome);
        var broken = await wherry.DeployAsync(project, Files(ComposeText.Of("  good:\n    build: .\n", "  ugly:\n    build: { context: ., dockerfile: Ugly }\n"), $"ENV MARK={project}-3"));
        Assert.Equal("build/failed", broken.Problem?.Code);

        await wherry.Client.RemoveProjectAsync(project, volumes: true, default);

        var labels = new Dictionary<string, string?> { [Labels.Project] = project };
        Assert.Empty(await wherry.Engine.Containers.ListAsync(labels, true, default));
        Assert.Empty(await wherry.Engine.Networks.ListAsync(labels, default));
        Assert.Empty(await wherry.Engine.Volumes.ListAsync(labels, default));
        Assert.Empty(await wherry.Engine.Images.ListAsync(labels, default));
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(wherry.Options.Home, "*", SearchOption.AllDirectories), f => Path.GetFileName(f).StartsWith(project, StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.NotFound, (await wherry.GetAsync($"{project}.localhost")).Status);
        Assert.Equal(404, (await Assert.ThrowsAsync<ApiException>(() => wherry.Client.EnvironmentsAsync(project, default))).Status);
    }

    [Fact]
    public async Task KM_13_Removing_a_project_in_which_nothing_was_deployed_succeeds()
    {
        var project = await wherry.ProjectAsync();

        await wherry.Client.RemoveProjectAsync(project, volumes: false, default);

        Assert.DoesNotContain(await wherry.Client.ProjectsAsync(default), p => p.Name == project);
    }

    [Fact]
    public async Task KM_13_Volumes_stay_unless_their_removal_is_asked_for()
    {
        var project = await wherry.ProjectAsync();
        var compose = ComposeText.Of(ComposeText.Service("db", keys: "volumes: [\"data:/data\"]")) + "volumes:\n  data: {}\n";
        await wherry.DeployComposeAsync(project, compose);
        await wherry.Engine.Exec.RunAsync(Assert.Single(await wherry.IdsAsync(project, "db")), ["node", "-e", "require('fs').writeFileSync('/data/kept', 'yes')"], default);

        await wherry.Client.RemoveProjectAsync(project, volumes: false, default);
        await wherry.Client.CreateProjectAsync(new CreateProject(project), default);
        Assert.Null((await wherry.DeployComposeAsync(project, compose)).Problem);

        var read = await wherry.Engine.Exec.RunAsync(Assert.Single(await wherry.IdsAsync(project, "db")), ["cat", "/data/kept"], default);
        Assert.Equal("yes", read.Stdout);
    }

    [Fact]
    public async Task Removing_an_environment_keeps_the_images_of_one_whose_name_begins_like_it()
    {
        var project = await wherry.ProjectAsync();
        await wherry.Client.CreateEnvironmentAsync(project, new CreateEnvironment("b"), default);
        await wherry.Client.CreateEnvironmentAsync(project, new CreateEnvironment("b-c"), default);
        Assert.Null((await wherry.DeployAsync(project, Files(ComposeText.Of("  web:\n    build: .\n"), $"ENV MARK={project}-1"), environment: "b-c")).Problem);
        Assert.Null((await wherry.DeployAsync(project, Files(ComposeText.Of("  web:\n    build: .\n"), $"ENV MARK={project}-2"), environment: "b-c")).Problem);
        Assert.Null((await wherry.DeployAsync(project, Files(ComposeText.Of("  c-web:\n    build: .\n"), $"ENV MARK={project}-3"), environment: "b")).Problem);
        var tags = (await wherry.Engine.Images.ListAsync(new Dictionary<string, string?> { [Labels.Project] = project }, default)).SelectMany(i => i.Tags).ToList();
        Assert.Equal(3, tags.Count);

        await wherry.Client.RemoveEnvironmentAsync(project, "b", volumes: true, default);

        Assert.Equal(2, (await wherry.Engine.Images.ListAsync(new Dictionary<string, string?> { [Labels.Project] = project }, default)).SelectMany(i => i.Tags).Count());
        Assert.Null((await wherry.EndAsync(await wherry.Client.RollbackAsync(project, "b-c", new RollbackRequest(), default))).Problem);
    }

    [Fact]
    public async Task KM_14_Two_projects_share_the_edge_and_removing_one_keeps_the_other()
    {
        var (first, second) = (await wherry.ProjectAsync(), await wherry.ProjectAsync());
        await wherry.DeployAsync(first, new DeployRequest { Image = LiveWherry.Image("v1") });
        await wherry.DeployAsync(second, new DeployRequest { Image = LiveWherry.Image("v2") });
        await using var visitors = Visitors.Of(wherry, $"{second}.localhost");
        await visitors.SeeAsync("v2");

        await wherry.Client.RemoveProjectAsync(first, volumes: true, default);

        await visitors.LeaveAsync();
        Assert.Empty(visitors.Failures);
        Assert.Equal(HttpStatusCode.NotFound, (await wherry.GetAsync($"{first}.localhost")).Status);
        Assert.Equal((HttpStatusCode.OK, "v2"), await wherry.GetAsync($"{second}.localhost"));
    }

    [Fact]
    public async Task RG_07_Services_of_the_same_name_in_two_projects_never_meet()
    {
        var (first, second) = (await wherry.ProjectAsync(), await wherry.ProjectAsync());
        var compose = ComposeText.Of(ComposeText.Service("web"), ComposeText.Service("db"));
        await wherry.DeployComposeAsync(first, compose);
        await wherry.DeployComposeAsync(second, compose);

        foreach (var (own, other) in new[] { (first, second), (second, first) })
        {
            var db = (await wherry.Engine.Containers.FindAsync(Assert.Single(await wherry.IdsAsync(own, "db")), default))!;
            var found = await wherry.Engine.Exec.RunAsync(
                Assert.Single(await wherry.IdsAsync(own, "web")), ["node", "-e", "require('dns').lookup('db', { all: true }, (e, a) => console.log(e ? e.code : a.map(x => x.address).join()))"], default);
            Assert.Equal(Assert.Single(db.Networks).Value.IpAddress, found.Stdout.Trim());
            Assert.DoesNotContain(await wherry.ContainersAsync(other), c => c.Networks.Keys.Intersect(db.Networks.Keys).Any());
        }
    }

    private static Dictionary<string, string> Files(string compose, string dockerfile) => new()
    {
        ["compose.yaml"] = compose,
        ["Dockerfile"] = $"FROM {LiveWherry.Image("v1")}\n{dockerfile}\n",
        ["Ugly"] = $"FROM {LiveWherry.Image("v1")}\nRUN node -e 'process.exit(1)'\n",
    };
}
