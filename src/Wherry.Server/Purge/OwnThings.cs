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

    /// <summary>Containers of this home that run, oldest first.</summary>
    /// <exception cref="ProblemException"><c>docker/unreachable</c>.</exception>
    public async Task<IReadOnlyList<string>> RunningAsync(CancellationToken ct) =>
        [.. (await engine.Containers.ListAsync(_labels, all: false, ct)).OrderBy(c => c.Created).Select(c => c.Id)];

    /// <summary>Stops containers, each within its own grace period, and keeps them.</summary>
    /// <exception cref="ProblemException"><c>docker/unreachable</c>.</exception>
    public Task StopAsync(IReadOnlyList<string> containers, CancellationToken ct) =>
        Parallel.ForEachAsync(containers, Few(ct), async (id, token) => await engine.Containers.StopAsync(id, grace: null, token));

    /// <summary>Starts containers again, one after the other in the order given; one that is gone, or is not of this home, is left out.</summary>
    /// <returns>How many were started.</returns>
    /// <exception cref="ProblemException"><c>docker/unreachable</c>, or why the engine cannot start one.</exception>
    public async Task<int> StartAsync(IReadOnlyList<string> containers, CancellationToken ct)
    {
        var own = (await engine.Containers.ListAsync(_labels, all: true, ct)).Select(c => c.Id).ToHashSet(StringComparer.Ordinal);
        var wanted = containers.Where(own.Contains).ToList();
        foreach (var id in wanted)
        {
            await engine.Containers.StartAsync(id, ct);
        }

        return wanted.Count;
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
