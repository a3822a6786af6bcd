using Wherry.Client;
using Wherry.Server.Tests.Deployments;
using Wherry.Server.Tests.Rig;

namespace Wherry.Server.Tests.Pools;

/// <summary>RG-09. Whoever builds delays nobody who does not.</summary>
public sealed class BusyBuildsTests
{
    [Fact]
    public async Task RG_09_Long_builds_delay_neither_an_image_deployment_nor_a_rollback_nor_a_scale()
    {
        await using var engine = await PrivateEngine.StartAsync();
        await engine.LoadAsync(LiveWherry.Image("v1"));
        await engine.LoadAsync(LiveWherry.Image("v2"));
        await using var wherry = await SmallWherry.StartAsync(o => o with { Engine = engine.Host, BuildLimits = new() { ControlGroup = engine.BuildGroup } }); // its end ends the builds
        var production = await wherry.ProjectAsync();
        Assert.Null((await wherry.DeployAsync(production, new DeployRequest { Image = LiveWherry.Image("v1") })).Problem);
        var busy = new List<Deployment>();
        for (var i = 0; i < 6; i++)
        {
            busy.Add(await BuildAsync(wherry, await wherry.ProjectAsync()));
        }

        await LiveWherry.UntilAsync(async () => (await LogsAsync(wherry, busy)).Count(l => l.Contains("waits for a free build slot: 2 of 2 are used by", StringComparison.Ordinal)) == 4, 180);

        Assert.Null((await wherry.DeployAsync(production, new DeployRequest { Image = LiveWherry.Image("v2") })).Problem);
        Assert.Null((await wherry.EndAsync(await wherry.Client.RollbackAsync(production, "production", new RollbackRequest(), default))).Problem);
        Assert.Null((await wherry.EndAsync(await wherry.Client.ScaleAsync(production, "production", new ScaleRequest(new Dictionary<string, int> { ["web"] = 2 }), default))).Problem);
        Assert.Equal("v1", await wherry.GetAsync($"{production}.localhost"));

        foreach (var deployment in busy)
        {
            Assert.Null((await wherry.Client.DeploymentAsync(deployment.Id, default)).Outcome); // all of them still build, or wait to
        }
    }

    /// <summary>A build that takes longer than the test.</summary>
    private static async Task<Deployment> BuildAsync(SmallWherry wherry, string project)
    {
        var files = new Dictionary<string, string> { ["Dockerfile"] = $"FROM {LiveWherry.Image("v1")}\nENV PROJECT={project}\nRUN sleep 600\n" };
        var upload = await wherry.Client.UploadAsync(project, "production", (stream, ct) => LiveWherry.WriteTarAsync(stream, files, ct), default);
        return await wherry.Client.DeployAsync(project, "production", new DeployRequest { Upload = upload.Id }, default);
    }

    private static async Task<IReadOnlyList<string>> LogsAsync(SmallWherry wherry, IEnumerable<Deployment> of) =>
        await Task.WhenAll(of.Select(async deployment =>
        {
            var text = "";
            await foreach (var line in wherry.Client.DeploymentLogAsync(deployment.Id, new LogQuery(), default))
            {
                text += line.Text + "\n";
            }

            return text;
        }));
}
