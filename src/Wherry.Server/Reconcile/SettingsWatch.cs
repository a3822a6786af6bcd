using System.Collections.Concurrent;
using Wherry.Core.Model;
using Wherry.Docker;
using Wherry.Server.Deployments;
using Wherry.Server.Environments;

namespace Wherry.Server.Reconcile;

/// <summary>In what containers differ from what they were made from. Each is asked for once, and again when the engine tells that it was changed.</summary>
internal sealed class SettingsWatch(Engine engine, ContainerSpecs specs)
{
    private readonly ConcurrentDictionary<string, IReadOnlyList<string>> _known = new();

    /// <param name="environment">Where.</param>
    /// <param name="release">The current one, whose settings the container was made from.</param>
    /// <param name="spec">Of its service.</param>
    /// <param name="container">With the hash of <paramref name="spec"/>.</param>
    /// <param name="number">Of the replica.</param>
    /// <param name="ct">Stops asking.</param>
    public async Task<IReadOnlyList<string>> DifferencesAsync(EnvironmentRef environment, Release release, ServiceSpec spec, ContainerSummary container, int number, CancellationToken ct)
    {
        if (_known.TryGetValue(container.Id, out var known))
        {
            return known;
        }

        if (await engine.Containers.FindAsync(container.Id, ct) is not { } found)
        {
            return [];
        }

        // Its release says under which number it was made: an unchanged service keeps its containers over releases.
        var by = int.TryParse(container.Labels.GetValueOrDefault(Labels.Release), out var r) ? release with { Number = r } : release;
        var made = specs.Replica(environment, by, spec, number, container.Labels.GetValueOrDefault(Labels.Deployment) ?? "000000");
        return _known[container.Id] = ContainerDifferences.Of(made, found);
    }

    /// <returns>Whether it was known.</returns>
    public bool Forget(string container) => _known.TryRemove(container, out _);

    public void ForgetAll() => _known.Clear();

    /// <summary>Forgets containers that are gone.</summary>
    public void Keep(IReadOnlySet<string> containers)
    {
        foreach (var gone in _known.Keys.Where(id => !containers.Contains(id)))
        {
            _known.TryRemove(gone, out _);
        }
    }
}
