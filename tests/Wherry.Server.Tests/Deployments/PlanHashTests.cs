using Wherry.Client;

namespace Wherry.Server.Tests.Deployments;

/// <summary>A plan can be deployed by its hash, and only while nothing has moved.</summary>
public sealed class PlanHashTests(LiveWherry wherry)
{
    [Fact]
    public async Task A_plan_before_the_first_deployment_is_deployed_by_its_hash()
    {
        var project = await wherry.ProjectAsync();
        var plan = await PlanAsync(project, Files(project, "v1"));

        Assert.Contains(plan.Steps, s => s.StartsWith("start web-1", StringComparison.Ordinal));
        Assert.Equal(plan.Hash, (await PlanAsync(project, Files(project, "v1"))).Hash);
        Assert.Null((await wherry.DeployAsync(project, Files(project, "v1"), new DeployRequest { Plan = plan.Hash })).Problem);
    }

    [Fact]
    public async Task A_plan_does_not_hold_when_the_source_or_the_world_moved()
    {
        var project = await wherry.ProjectAsync();
        Assert.Null((await wherry.DeployAsync(project, Files(project, "v1"))).Problem);
        var plan = await PlanAsync(project, Files(project, "v2"));

        await ChangedAsync(Files(project, "v3"), new DeployRequest(), "the source");
        await ChangedAsync(Files(project, "v2"), new DeployRequest { RemoveOrphans = true }, "the options");
        Assert.Null((await wherry.DeployAsync(project, Files(project, "v3"))).Problem);
        await ChangedAsync(Files(project, "v2"), new DeployRequest(), "the current release (r1 → r2)");
        Assert.Equal("v3", (await wherry.GetAsync($"{project}.localhost")).Body);
        Assert.Equal("plan/unknown", (await wherry.DeployAsync(project, Files(project, "v2"), new DeployRequest { Plan = "0123456789ab" })).Problem!.Code);
        var wrong = await Assert.ThrowsAsync<ApiException>(() => wherry.Client.DeployAsync(project, "production", new DeployRequest { Plan = "x" }, default));
        Assert.Equal("plan/unknown", wrong.Problem.Code);

        async Task ChangedAsync(Dictionary<string, string> files, DeployRequest request, string named)
        {
            var refused = (await wherry.DeployAsync(project, files, request with { Plan = plan.Hash })).Problem!;
            Assert.Equal("plan/changed", refused.Code);
            Assert.Contains(named, refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_plan_says_that_the_code_changed_and_knows_what_was_built_before()
    {
        var project = await wherry.ProjectAsync();
        var first = Dockerfile(project, "one");
        var before = await PlanAsync(project, first);
        Assert.Contains("built", Assert.Single(before.Services).Why, StringComparison.Ordinal);
        Assert.Null((await wherry.DeployAsync(project, first)).Problem);

        var same = await PlanAsync(project, first);
        Assert.Empty(same.Steps);
        var other = Assert.Single((await PlanAsync(project, Dockerfile(project, "two"))).Services);
        Assert.Equal("replace", other.Change);
        Assert.Contains("source changed", other.Why, StringComparison.Ordinal);
    }

    private async Task<DeployPlan> PlanAsync(string project, Dictionary<string, string> files)
    {
        var upload = await wherry.Client.UploadAsync(project, "production", (s, ct) => LiveWherry.WriteTarAsync(s, files, ct), default);
        return await wherry.Client.PlanAsync(project, "production", new DeployRequest { Upload = upload.Id }, default);
    }

    private static Dictionary<string, string> Files(string project, string version) => new() { ["compose.yaml"] = ComposeText.Of(ComposeText.Web($"{project}.localhost", version)) };

    private static Dictionary<string, string> Dockerfile(string project, string mark) => new() { ["Dockerfile"] = $"FROM {LiveWherry.Image("v1")}\nENV MARK={project}-{mark}\n" };
}
