using Wherry.Client;
using Wherry.Docker;
using Wherry.Server.Tests.Deployments;

namespace Wherry.Server.Tests.BadDays;

/// <summary>A project with every kind of service, and what must be true of it after any bad day.</summary>
internal sealed class Shop(LiveWherry wherry, string project)
{
    public string Project { get; } = project;

    public string Host { get; } = $"{project}.localhost";

    public static async Task<Shop> OpenAsync(LiveWherry wherry) => new(wherry, await wherry.ProjectAsync());

    /// <summary>A routed service with a release command, a job that it waits for, and a worker whose volume only one may have.</summary>
    public string Compose(string version) => ComposeText.Of(
        ComposeText.Web(Host, version, "depends_on: { migrate: { condition: service_completed_successfully }, worker: { condition: service_started } }", "release: [\"true\"]\ndeploy: { drain: 1s }"),
        ComposeText.Script("migrate", "process.exit(0)", $"environment: {{ VERSION: {version} }}"),
        ComposeText.Script("worker", "setInterval(() => {}, 1000)", $"environment: {{ VERSION: {version} }}\nvolumes: [\"data:/data\"]\nstop_grace_period: 1s\nx-wherry: {{ health: {{ command: [\"true\"], interval: 100ms }} }}")) + "volumes:\n  data: {}\n";

    public async Task<Deployment> DeployAsync(string version) => await wherry.EndAsync(await BeginAsync(version));

    public Task<Deployment> BeginAsync(string version) => wherry.BeginAsync(Project, new Dictionary<string, string> { ["compose.yaml"] = Compose(version) });

    /// <summary>One release, whole: never neither, never both, nothing orphaned.</summary>
    /// <param name="allowed">Versions that may serve.</param>
    /// <returns>The one that serves.</returns>
    public async Task<string> AssertWholeAsync(params string[] allowed)
    {
        await wherry.SettledAsync(Project);
        var serves = (await wherry.GetAsync(Host)).Body;
        Assert.Contains(serves, allowed);
        var all = await wherry.ContainersAsync(Project);
        foreach (var service in new[] { "web", "migrate", "worker" })
        {
            var one = Assert.Single(all, c => c.Labels[Labels.Service] == service);
            Assert.Equal(service == "migrate" ? ContainerState.Exited : ContainerState.Running, one.State);
            var made = await wherry.Engine.Containers.FindAsync(one.Id, default);
            Assert.Contains($"VERSION={serves}", made!.Environment);
        }

        Assert.Equal(3, all.Count);
        return serves;
    }
}
