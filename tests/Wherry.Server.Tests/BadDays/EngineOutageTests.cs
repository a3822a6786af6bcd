using Wherry.Client;
using Wherry.Docker;
using Wherry.Server.Tests.Deployments;
using Wherry.Server.Tests.Rig;

namespace Wherry.Server.Tests.BadDays;

/// <summary>The engine goes away for half a minute in the middle of a deployment, as it does when it is upgraded.</summary>
public sealed class EngineOutageTests
{
    /// <summary>RG-11.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_engine_is_away_for_half_a_minute_and_one_release_serves_in_the_end(bool orderly)
    {
        await using var engine = await PrivateEngine.StartAsync();
        await engine.LoadAsync("busybox:latest");
        await using var wherry = await SmallWherry.StartAsync(o => o with { Engine = engine.Host });
        var project = await wherry.ProjectAsync();
        Assert.Null((await wherry.DeployAsync(project, Files(project, "one", seconds: 0))).Problem);
        Assert.Contains("one", await wherry.GetAsync($"{project}.localhost"), StringComparison.Ordinal);

        var upload = await wherry.Client.UploadAsync(project, "production", (stream, ct) => LiveWherry.WriteTarAsync(stream, Files(project, "two", seconds: 5), ct), default);
        var deployment = await wherry.Client.DeployAsync(project, "production", new DeployRequest { Upload = upload.Id }, default);
        await LiveWherry.UntilAsync(async () => (await engine.Client.Containers.ListAsync(new Dictionary<string, string?> { [Labels.Replica] = "2" }, all: false, default)).Count == 1);
        await (orderly ? engine.DownAsync() : engine.KillAsync());
        await Task.Delay(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await engine.UpAsync();

        var ended = await wherry.EndAsync(deployment);
        var expected = ended.Outcome == DeploymentOutcome.Succeeded ? "two" : "one";
        await LiveWherry.UntilAsync(async () => (await TryGetAsync(wherry, project)).Contains(expected, StringComparison.Ordinal), 120);
        await LiveWherry.UntilAsync(async () => (await engine.Client.Containers.ListAsync(new Dictionary<string, string?> { [Labels.Project] = project }, all: true, default)) is [{ State: ContainerState.Running }], 120);
    }

    private static Dictionary<string, string> Files(string project, string version, int seconds) => new()
    {
        ["compose.yaml"] = $$"""
            services:
              web:
                image: busybox:latest
                command: ["busybox", "sh", "-c", "mkdir -p /www && echo {{version}} > /www/index.html && sleep {{seconds}} && exec busybox httpd -f -p 8080 -h /www"]
                restart: unless-stopped
                stop_grace_period: 1s
                expose: ["8080"]
                x-wherry: { routes: ["{{project}}.localhost"], health: { path: /, interval: 200ms } }
            """,
    };

    private static async Task<string> TryGetAsync(SmallWherry wherry, string project)
    {
        try
        {
            return await wherry.GetAsync($"{project}.localhost");
        }
        catch (HttpRequestException)
        {
            return "";
        }
    }
}
