using Wherry.Client;
using Wherry.Core.Routing;
using Wherry.Server.Deployments;

namespace Wherry.Server.Tests.Deployments;

/// <summary>A project whose releases say their name, and behave as they are told, on as many replicas as a test wants.</summary>
internal sealed class TrialApp(LiveWherry wherry, string project)
{
    /// <summary>A release that answers 500, one that takes its time, one that ends after a while: all of them well as far as a probe sees.</summary>
    private const string Script =
        "const n = process.env.NAME, b = process.env.BEHAVE; if (b === 'dies') setTimeout(() => process.exit(7), 2500); "
        + "require('http').createServer((q, s) => { const end = () => { s.writeHead(b === 'failing' && q.url !== '/up' ? 500 : 200); s.end(n); }; "
        + "q.url === '/up' || b !== 'slow' ? end() : setTimeout(end, 300); }).listen(3000)";

    public string Project { get; } = project;

    public string Host { get; } = $"{project}.localhost";

    public static async Task<TrialApp> OpenAsync(LiveWherry wherry) => new(wherry, await wherry.ProjectAsync());

    /// <param name="name">What it answers.</param>
    /// <param name="canary">Keys of <c>x-wherry.canary</c>; empty: none.</param>
    /// <param name="behaves">How; see the script.</param>
    /// <param name="replicas">How many.</param>
    public string Compose(string name, string canary, string behaves = "well", int replicas = 2) => ComposeText.Of(ComposeText.Web(
        Host,
        "v1",
        $"command: [node, -e, \"{Script}\"]\nenvironment: {{ NAME: {name}, BEHAVE: {behaves} }}\ndeploy: {{ replicas: {replicas} }}\nstop_grace_period: 1s",
        canary.Length == 0 ? "" : $"canary: {{ {canary} }}"));

    public async Task<Deployment> BeginAsync(string name, string canary, string behaves = "well", int replicas = 2, DeployRequest? request = null) =>
        await wherry.BeginAsync(Project, new Dictionary<string, string> { ["compose.yaml"] = Compose(name, canary, behaves, replicas) }, request);

    public async Task<Deployment> DeployAsync(string name, string canary = "", string behaves = "well", int replicas = 2) => await wherry.EndAsync(await BeginAsync(name, canary, behaves, replicas));

    /// <summary>Waits until the deployment waits in this stage.</summary>
    public async Task<CanaryState> StageAsync(Deployment deployment, int stage)
    {
        CanaryState? seen = null;
        await LiveWherry.UntilAsync(async () =>
        {
            var now = await wherry.Client.DeploymentAsync(deployment.Id, default);
            Assert.True(now.Outcome is null, $"It ended before stage {stage}: {now.Problem?.Message}");
            return (seen = now.Canary)?.Stage == stage && now.Steps.Any(s => s.State == "running");
        });
        return seen!;
    }

    /// <summary>Those of a hundred visitors who get the release of this name.</summary>
    public async Task<HashSet<string>> WhoGetsAsync(string name)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = wherry.Address };
        HashSet<string> who = [];
        foreach (var user in Enumerable.Range(0, 100).Select(i => $"user-{i}").Append("ann"))
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { { "X-User", user } } };
            request.Headers.Host = Host;
            using var answer = await http.SendAsync(request);
            if (await answer.Content.ReadAsStringAsync() == name)
            {
                who.Add(user);
            }
        }

        return who;
    }

    /// <summary>What the edge says of it.</summary>
    public async Task<EdgeServiceState> AtEdgeAsync()
    {
        using var edge = new EdgeClient(wherry.Options);
        return (await edge.ListAsync(default)).Single(s => s.Key == $"{Project}.production.web");
    }
}
