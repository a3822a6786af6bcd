using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Docker;
using Wherry.Server.Environments;

namespace Wherry.Server.Deployments;

/// <summary>Volumes and networks that a model uses as they are: <c>external: true</c>.</summary>
internal sealed class ExternalThings(Engine engine, EngineNames names)
{
    private const string Hint = "It is marked `external: true`: make it first, or let Wherry make one by removing that line.";

    /// <summary>The engine would make a missing volume by itself: empty, and nobody's.</summary>
    /// <exception cref="ProblemException"><c>volume/not-found</c>, <c>network/not-found</c>.</exception>
    public async Task CheckAsync(EnvironmentRef environment, ProjectModel model, CancellationToken ct)
    {
        foreach (var name in model.Volumes.Where(v => v.Value.External).Select(v => names.Volume(environment, model, v.Key)))
        {
            _ = await engine.Volumes.FindAsync(name, ct) ?? throw new Problem("volume/not-found", $"There is no volume {name} on the server.", Hint).AsException();
        }

        foreach (var name in model.Networks.Where(n => n.Value.External).Select(n => names.Network(environment, model, n.Key)))
        {
            _ = await engine.Networks.FindAsync(name, ct) ?? throw new Problem("network/not-found", $"There is no network {name} on the server.", Hint).AsException();
        }
    }
}
