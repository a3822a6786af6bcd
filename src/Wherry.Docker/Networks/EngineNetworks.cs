using System.Net;
using Wherry.Core.Problems;
using Wherry.Docker.Connection;

namespace Wherry.Docker;

/// <summary>Networks of one engine.</summary>
public sealed class EngineNetworks : IDisposable
{
    private readonly SemaphoreSlim _ensuring = new(1, 1);
    private readonly EngineConnection _connection;

    internal EngineNetworks(EngineConnection connection) => _connection = connection;

    /// <returns>The new network's id.</returns>
    /// <exception cref="ProblemException"><c>docker/conflict</c> when the name is taken.</exception>
    public async Task<string> CreateAsync(NetworkCreate network, CancellationToken ct) =>
        (await _connection.ReadAsync(EngineRequest.Post("networks/create", Subject.Network(network.Name)).With(NetworkCreateWire.Of(network), DockerJson.Default.NetworkCreateWire), DockerJson.Default.CreatedWire, ct)).Id;

    /// <summary>Makes sure that a network of this name exists; an existing one is taken as it is.</summary>
    /// <returns>The network's id.</returns>
    public async Task<string> EnsureAsync(NetworkCreate network, CancellationToken ct)
    {
        // Asked twice at the same moment, the engine makes two networks of one name.
        await _ensuring.WaitAsync(ct);
        try
        {
            return await FindAsync(network.Name, ct) is { } existing ? existing.Id : await CreateOrFindAsync(network, ct);
        }
        finally
        {
            _ensuring.Release();
        }
    }

    /// <summary>The network with this name or id, or <see langword="null"/>.</summary>
    public async Task<NetworkInfo?> FindAsync(string network, CancellationToken ct) =>
        (await _connection.FindAsync(EngineRequest.Get(Path(network), Subject.Network(network)) with { Accepts = [HttpStatusCode.NotFound] }, DockerJson.Default.NetworkWire, ct))?.ToInfo();

    /// <summary>Networks that carry all of these labels; a <see langword="null"/> value asks for the key alone. Without the containers in them.</summary>
    public async Task<IReadOnlyList<NetworkInfo>> ListAsync(IReadOnlyDictionary<string, string?> labels, CancellationToken ct)
    {
        var query = new Query().Add("filters", Filters.OfLabels(labels));
        var wires = await _connection.ReadAsync(EngineRequest.Get($"networks{query}", Subject.Engine), DockerJson.Default.IReadOnlyListNetworkWire, ct);
        return [.. wires.Select(w => w.ToInfo())];
    }

    /// <summary>Removes a network. Idempotent: one that is gone counts as removed.</summary>
    /// <exception cref="ProblemException"><c>docker/conflict</c> or <c>docker/refused</c> while containers are in it.</exception>
    public Task RemoveAsync(string network, CancellationToken ct) =>
        _connection.SendAsync(EngineRequest.Delete(Path(network), Subject.Network(network)) with { Accepts = [HttpStatusCode.NotFound] }, ct);

    /// <summary>Puts a container, running or not, into a network.</summary>
    public Task ConnectAsync(string container, NetworkJoin join, CancellationToken ct) => _connection.SendAsync(
        EngineRequest.Post($"{Path(join.Network)}/connect", Subject.Network(join.Network))
            .With(new NetworkConnectWire(container, EndpointWire.Of(join)), DockerJson.Default.NetworkConnectWire),
        ct);

    /// <summary>Takes a container out of a network. Idempotent: one that is not in it, and a network or a container that is gone, count as done.</summary>
    public async Task DisconnectAsync(string network, string container, CancellationToken ct)
    {
        var joined = await _connection.FindAsync(
            EngineRequest.Get($"{EngineContainers.Path(container)}/json", Subject.Container(container)) with { Accepts = [HttpStatusCode.NotFound] }, DockerJson.Default.ContainerInspectWire, ct);
        if (joined?.NetworkSettings?.Networks?.Any(n => n.Key == network || n.Value.NetworkID == network) is not true)
        {
            return;
        }

        await _connection.SendAsync(
            (EngineRequest.Post($"{Path(network)}/disconnect", Subject.Network(network)) with { Accepts = [HttpStatusCode.NotFound] })
                .With(new NetworkDisconnectWire(container, Force: true), DockerJson.Default.NetworkDisconnectWire),
            ct);
    }

    public void Dispose() => _ensuring.Dispose();

    private static string Path(string network) => $"networks/{Uri.EscapeDataString(network)}";

    private async Task<string> CreateOrFindAsync(NetworkCreate network, CancellationToken ct)
    {
        try
        {
            return await CreateAsync(network, ct);
        }
        catch (ProblemException e) when (e.Problem.Code == "docker/conflict")
        {
            // Another process was faster.
            if (await FindAsync(network.Name, ct) is { } theirs)
            {
                return theirs.Id;
            }

            throw;
        }
    }
}
