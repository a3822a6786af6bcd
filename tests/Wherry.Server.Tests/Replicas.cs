using System.Globalization;
using Wherry.Core.Model;
using Wherry.Docker;

namespace Wherry.Server.Tests;

/// <summary>Containers labelled as the replicas of a home's project <c>shop</c>, on the machine's real engine. Removed at the end.</summary>
internal sealed class Replicas(HomeId home) : IAsyncDisposable
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public Engine Engine { get; } = new(EngineEndpoint.Local);

    /// <summary>Starts one, with the image that the test command makes beforehand.</summary>
    public async Task<string> StartAsync(string service, int number, params string[] command)
    {
        var id = await Engine.Containers.CreateAsync(Spec(service, number, command), Ct);
        await Engine.Containers.StartAsync(id, Ct);
        return id;
    }

    public ContainerSpec Spec(string service, int number, params string[] command) => new()
    {
        Name = $"wherry-test-{home}-{service}-{number}",
        Image = "busybox:latest",
        Command = command,
        StopGrace = TimeSpan.FromSeconds(1),
        Restart = new RestartPolicy(RestartCondition.No),
        Labels = new Dictionary<string, string>
        {
            [Labels.Home] = home.Value,
            [Labels.Project] = "shop",
            [Labels.Environment] = "production",
            [Labels.Service] = service,
            [Labels.Release] = "1",
            [Labels.Replica] = number.ToString(CultureInfo.InvariantCulture),
        },
    };

    public Task<IReadOnlyList<ContainerSummary>> ListAsync(string? label = null)
    {
        var labels = new Dictionary<string, string?> { [Labels.Home] = home.Value };
        if (label is not null)
        {
            labels[label] = null;
        }

        return Engine.Containers.ListAsync(labels, all: true, CancellationToken.None); // also for cleaning up after a cancelled test
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var container in await ListAsync())
        {
            await Engine.Containers.RemoveAsync(container.Id, TimeSpan.Zero, removeAnonymousVolumes: true, CancellationToken.None);
        }

        Engine.Dispose();
    }
}
