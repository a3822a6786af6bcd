using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Docker;
using Wherry.Server.Environments;

namespace Wherry.Server.Deployments;

/// <summary>Volumes and networks of a model whose names stand for something else on the engine: somebody else's, or nothing where <c>external: true</c> needs something.</summary>
internal sealed class NamesInUse(Engine engine, EngineNames names, ContainerSpecs specs)
{
    private const string Hint = "It is marked `external: true`: make it first, or let Wherry make one by removing that line.";

    /// <summary>All that is wrong, at once. The engine would make a missing volume by itself: empty, and nobody's.</summary>
    public async Task<IReadOnlyList<Problem>> FindProblemsAsync(EnvironmentRef environment, ProjectModel model, CancellationToken ct)
    {
        var owned = specs.Owned(environment);
        var found = new List<Problem?>();
        foreach (var (key, spec) in model.Volumes)
        {
            var name = names.Volume(environment, model, key);
            var labels = (await engine.Volumes.FindAsync(name, ct))?.Labels;
            found.Add((spec.External, labels) switch
            {
                (true, null) => new Problem("volume/not-found", $"There is no volume {name} on the server.", Hint),
                (false, not null) => Foreign("volume", name, labels, environment, owned),
                _ => null,
            });
        }

        foreach (var (key, spec) in model.Networks)
        {
            var name = names.Network(environment, model, key);
            var labels = (await engine.Networks.FindAsync(name, ct))?.Labels;
            found.Add((spec.External, labels) switch
            {
                (true, null) => new Problem("network/not-found", $"There is no network {name} on the server.", Hint),
                (false, not null) => Foreign("network", name, labels, environment, owned),
                _ => null,
            });
        }

        return [.. found.OfType<Problem>()];
    }

    /// <summary>What to say of something that has our name and not our labels; <see langword="null"/> when it is ours.</summary>
    public static Problem? Foreign(string word, string name, IReadOnlyDictionary<string, string> labels, EnvironmentRef environment, IReadOnlyDictionary<string, string> owned)
    {
        if (owned.All(l => labels.GetValueOrDefault(l.Key) == l.Value))
        {
            return null;
        }

        var owner = labels.TryGetValue(Labels.Home, out var home) ? $"is not of {environment}: it belongs to {labels.GetValueOrDefault(Labels.Project)}/{labels.GetValueOrDefault(Labels.Environment)} of the Wherry {home}" : "is not Wherry's";
        return new Problem($"{word}/foreign", $"The {word} {name} exists and {owner}.", $"Give the {word} another name in the Compose file, mark it `external: true` to use it as it is, or remove it.");
    }
}
