using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Docker;

namespace Wherry.Server.Purge;

/// <summary>Everything on an engine that carries the label of one home, and nothing else. Works without a running server and without its store.</summary>
public sealed class OwnThings(Engine engine, HomeId home)
{
    // Stopping takes as long as the slowest; a hundred at once would only press on the engine.
    private const int AtOnce = 8;

    private readonly Dictionary<string, string?> _labels = new() { [Labels.Home] = home.Value };

    /// <summary>Stops every container of this home, each within its own grace period, and keeps it.</summary>
    /// <returns>How many ran.</returns>
    /// <exception cref="ProblemException"><c>docker/unreachable</c>.</exception>
    public async Task<int> StopContainersAsync(CancellationToken ct)
    {
        var running = await engine.Containers.ListAsync(_labels, all: false, ct);
        await Parallel.ForEachAsync(running, Few(ct), async (container, token) => await engine.Containers.StopAsync(container.Id, grace: null, token));
        return running.Count;
    }

    /// <summary>Removes the containers, networks, volumes and images of this home. Repeating it goes on where it stopped.</summary>
    /// <exception cref="ProblemException"><c>docker/unreachable</c>, or <c>docker/conflict</c> for a volume or network that something else uses.</exception>
    public async Task<Removed> RemoveAsync(CancellationToken ct)
    {
        var containers = await engine.Containers.ListAsync(_labels, all: true, ct);
        await Parallel.ForEachAsync(containers, Few(ct), async (container, token) => await engine.Containers.RemoveAsync(container.Id, grace: null, removeAnonymousVolumes: true, token));
        var networks = await engine.Networks.ListAsync(_labels, ct);
        foreach (var network in networks)
        {
            await engine.Networks.RemoveAsync(network.Id, ct);
        }

        var volumes = await engine.Volumes.ListAsync(_labels, ct);
        foreach (var volume in volumes)
        {
            await engine.Volumes.RemoveAsync(volume.Name, ct);
        }

        return new(containers.Count, networks.Count, volumes.Count, await RemoveImagesAsync(ct));
    }

    /// <summary>An image that somebody else's container or image stands on is left to them.</summary>
    private async Task<int> RemoveImagesAsync(CancellationToken ct)
    {
        var removed = 0;
        foreach (var image in (await engine.Images.ListAsync(_labels, ct)).OrderByDescending(i => i.Created))
        {
            try
            {
                await engine.Images.RemoveAsync(ImageReference.Parse(image.Id), force: true, ct);
                removed++;
            }
            catch (ProblemException e) when (e.Problem.Code is "docker/conflict" or "docker/not-found")
            {
                // In use, or gone with the one before it.
            }
        }

        return removed;
    }

    private static ParallelOptions Few(CancellationToken ct) => new() { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct };
}

/// <summary>How much was removed.</summary>
public sealed record Removed(int Containers, int Networks, int Volumes, int Images);
