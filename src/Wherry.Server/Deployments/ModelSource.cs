using System.Net;
using Wherry.Client;
using Wherry.Compose;
using Wherry.Core.Planning;
using Wherry.Core.Problems;
using Wherry.Server.Environments;
using Wherry.Server.Secrets;
using Wherry.Server.Sources;

namespace Wherry.Server.Deployments;

/// <summary>Reads the model of what is asked for, as it is to run beside this edge.</summary>
internal sealed class ModelSource(SourceFetch sources, ReleaseStore releases, EdgeClient edge)
{
    public SourceFetch Sources => sources;

    /// <param name="environment">Where it is to run.</param>
    /// <param name="request">What was asked.</param>
    /// <param name="tree">Its source; <see langword="null"/> when there is none, or it is not at hand any more: what was read from it is.</param>
    /// <param name="values">Variables and secrets.</param>
    /// <param name="ct">Ends the reading.</param>
    /// <exception cref="ProblemException">What <see cref="ModelReader"/> says; <c>release/none</c>.</exception>
    public async Task<PreparedModel> ReadAsync(EnvironmentRef environment, DeployRequest request, SourceTree? tree, Variables values, CancellationToken ct)
    {
        var asked = ModelInput.Of(request);
        if (request.Image is not null)
        {
            return await ByEdgeAsync(ModelReader.ReadAgain(asked, values), ct);
        }

        if (tree is not null)
        {
            return await ByEdgeAsync(ModelReader.ReadSource(new DirectoryFiles(tree.Root), asked, values), ct);
        }

        var current = await releases.FindCurrentAsync(environment, ct) ?? throw Preparation.NothingDeployed(environment.ToString());
        return await ReadAgainAsync(environment, current.Number, values, ct);
    }

    /// <summary>Reads what an earlier release was read from, with today's variables.</summary>
    public async Task<PreparedModel> ReadAgainAsync(EnvironmentRef environment, int release, Variables values, CancellationToken ct) =>
        await ByEdgeAsync(ModelReader.ReadAgain(await releases.InputAsync(environment, release, ct), values), ct);

    /// <summary>A proxy of somebody else's takes no ports: behind one the engine binds what is published.</summary>
    private async Task<PreparedModel> ByEdgeAsync(PreparedModel read, CancellationToken ct) => await edge.FindHealthAsync(ct) is var health && health?.Proxy is null
        ? read with { Model = PublishedPorts.ByEdge(read.Model, [.. (health?.Listen ?? []).Select(a => IPEndPoint.Parse(a).Port)]) }
        : read;
}
