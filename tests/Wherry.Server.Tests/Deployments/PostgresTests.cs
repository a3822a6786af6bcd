using System.Net;
using Wherry.Client;
using Wherry.Server.Secrets;
using Wherry.Server.Store;
using Wherry.Server.Tests.Store;

namespace Wherry.Server.Tests.Deployments;

/// <summary>The whole path with the store in PostgreSQL.</summary>
public sealed class PostgresTests
{
    [Fact]
    public async Task Deploy_roll_back_scale_restart_of_the_server_and_of_the_store_in_the_middle_of_a_deployment()
    {
        await using var postgres = new LivePostgres();
        await using var own = new LiveWherry { Store = StoreLocation.Parse(await postgres.CreateAsync()) };
        await own.InitializeAsync();
        var project = await own.ProjectAsync();

        Assert.Null((await own.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v1") })).Problem);
        Assert.Null((await own.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v2") })).Problem);
        Assert.Equal((HttpStatusCode.OK, "v2"), await own.GetAsync($"{project}.localhost"));
        await own.Client.ChangeVariablesAsync(project, "production", new ChangeVariables(new Dictionary<string, string> { ["A"] = "1" }, [], Deploy: false), default);
        Assert.Null((await own.EndAsync(await own.Client.RollbackAsync(project, "production", new RollbackRequest(), default))).Problem);
        Assert.Equal((HttpStatusCode.OK, "v1"), await own.GetAsync($"{project}.localhost"));

        await own.RestartServerAsync();
        Assert.Null((await own.EndAsync(await own.Client.ScaleAsync(project, "production", new ScaleRequest(new Dictionary<string, int> { ["web"] = 2 }), default))).Problem);
        Assert.Equal(2, (await own.ContainersAsync(project)).Count);

        var compose = ComposeText.Of(ComposeText.Web($"{project}.localhost", "v3", wherry: "release: [node, -e, \"console.log('release begins'); setTimeout(() => 0, 4000)\"]"));
        var upload = await own.Client.UploadAsync(project, "production", (s, ct) => LiveWherry.WriteTarAsync(s, new Dictionary<string, string> { ["compose.yaml"] = compose }, ct), default);
        var begun = await own.Client.DeployAsync(project, "production", new DeployRequest { Upload = upload.Id }, default);
        await LiveWherry.UntilAsync(async () => (await own.LogAsync(begun)).Contains("release begins", StringComparison.Ordinal));
        await postgres.StopAsync(TimeSpan.FromSeconds(5));
        await Task.Delay(TimeSpan.FromSeconds(5));
        Assert.Equal(HttpStatusCode.OK, (await own.GetAsync($"{project}.localhost")).Status);
        await postgres.StartAgainAsync();

        Assert.Null((await own.EndAsync(begun)).Problem);
        Assert.Equal((HttpStatusCode.OK, "v3"), await own.GetAsync($"{project}.localhost"));
        await using var store = Database.At(own.Options.Store);
        Assert.All(await new StoreCheck(store, Sealer.Open(own.Options.Keys)).RunAsync(default), c => Assert.True(c.State == "ok", $"{c.Name}: {c.Finding}"));
    }
}
