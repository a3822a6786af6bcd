using System.Net;
using Wherry.Docker;
using Wherry.Server.Tests.Deployments;
using Wherry.Server.Tests.Rig;

namespace Wherry.Server.Tests.Reconcile;

/// <summary>RG-11: after the engine or the machine was restarted, everything comes back with no manual step.</summary>
public sealed class RebootTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RG_11_Everything_comes_back_by_itself_and_jobs_are_not_run_again(bool powerCut)
    {
        await using var engine = await PrivateEngine.StartAsync();
        await engine.LoadAsync(LiveWherry.Image("v1"));
        await using var wherry = new LiveWherry { ServersEngine = engine.Host };
        await wherry.InitializeAsync();
        var project = await wherry.ProjectAsync();
        var compose = ComposeText.Of(
            ComposeText.Web($"{project}.localhost", keys: "restart: always\ndepends_on: { db: { condition: service_healthy }, migrate: { condition: service_completed_successfully } }"),
            ComposeText.Service("db", keys: "restart: on-failure\nhealthcheck: { test: [CMD, node, -e, \"fetch('http://127.0.0.1:3000/up').then(r => process.exit(r.ok ? 0 : 1))\"], interval: 1s }"),
            ComposeText.Script("migrate", "console.log('once')", "restart: \\\"no\\\"".Replace("\\\"", "\"", StringComparison.Ordinal)));
        Assert.Null((await wherry.DeployComposeAsync(project, compose)).Problem);
        var job = (await ContainersAsync(engine, project)).Single(c => c.Labels[Labels.Service] == "migrate");

        if (powerCut)
        {
            await engine.CutPowerAsync();
        }
        else
        {
            await engine.DownAsync();
        }

        await engine.UpAsync();

        await LiveWherry.UntilAsync(async () => (await ContainersAsync(engine, project)).Count(c => c.State == ContainerState.Running) == 2, 120);
        await LiveWherry.UntilAsync(async () => (await wherry.GetAsync($"{project}.localhost")).Status == HttpStatusCode.OK, 120);
        await LiveWherry.UntilAsync(async () => (await wherry.Client.DriftAsync(project, default)).Count == 0, 120);
        Assert.Equal(job.Id, (await ContainersAsync(engine, project)).Single(c => c.Labels[Labels.Service] == "migrate").Id);
    }

    private static Task<IReadOnlyList<ContainerSummary>> ContainersAsync(PrivateEngine engine, string project) =>
        engine.Client.Containers.ListAsync(new Dictionary<string, string?> { [Labels.Project] = project }, true, default);
}
