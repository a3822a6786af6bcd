using System.Net;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Docker.Connection;

namespace Wherry.Docker;

/// <summary>Containers of one engine. Ids may be full, shortened or names.</summary>
/// <remarks>Cancelling a call stops waiting; the engine may still finish it.</remarks>
public sealed partial class EngineContainers
{
    private static readonly Version ManyNetworksAtOnce = new(1, 44);
    private readonly EngineConnection _connection;

    internal EngineContainers(EngineConnection connection) => _connection = connection;

    /// <summary>Creates a container with all of its networks; it does not run yet.</summary>
    /// <returns>The container's id.</returns>
    /// <exception cref="ProblemException"><c>docker/conflict</c> when the name is taken, <c>image/not-found</c> when the engine lacks the image, <c>docker/refused</c> for a setting that cannot be.</exception>
    public async Task<string> CreateAsync(ContainerSpec spec, CancellationToken ct)
    {
        var own = spec.Networks.Where(n => n.Network is not ("host" or "none" or "bridge" or "default")).ToArray();
        var inCreate = (await _connection.NegotiatedAsync(ct)).Api >= ManyNetworksAtOnce ? own : own.Take(1).ToArray();
        var request = EngineRequest.Post($"containers/create{new Query().Add("name", spec.Name).Add("platform", spec.Platform?.Value)}", Subject.Container(spec.Name))
            .With(ContainerCreateWire.Of(spec, inCreate), DockerJson.Default.ContainerCreateWire);
        var id = (await _connection.ReadAsync(request, DockerJson.Default.CreatedWire, ct)).Id;
        try
        {
            foreach (var join in own.Skip(inCreate.Length))
            {
                await ConnectAsync(id, join, ct);
            }

            return id;
        }
        catch
        {
            // Without all of its networks it is not what was asked for. The caller's token may be the reason for being here.
            await RemoveAsync(id, TimeSpan.Zero, removeAnonymousVolumes: true, CancellationToken.None);
            throw;
        }
    }

    /// <summary>Starts a container. Idempotent: one that runs already counts as started.</summary>
    /// <exception cref="ProblemException"><c>docker/port-taken</c>, <c>docker/command-not-found</c>, <c>docker/not-found</c>.</exception>
    public Task StartAsync(string id, CancellationToken ct) => PostAsync(id, "start", new(), ct, HttpStatusCode.NotModified);

    /// <summary>Stops a container with its stop signal. Idempotent: one that does not run counts as stopped.</summary>
    /// <param name="grace">Time until SIGKILL, rounded up to whole seconds; <see langword="null"/> is the container's own.</param>
    public Task StopAsync(string id, TimeSpan? grace, CancellationToken ct) => PostAsync(id, "stop", Grace(grace), ct, HttpStatusCode.NotModified);

    /// <inheritdoc cref="StopAsync" path="/param"/>
    public Task RestartAsync(string id, TimeSpan? grace, CancellationToken ct) => PostAsync(id, "restart", Grace(grace), ct);

    /// <param name="signal">Name or number, for instance <c>SIGHUP</c>.</param>
    /// <exception cref="ProblemException"><c>docker/conflict</c> when it does not run.</exception>
    public Task KillAsync(string id, string signal, CancellationToken ct) => PostAsync(id, "kill", new Query().Add("signal", signal), ct);

    /// <exception cref="ProblemException"><c>docker/conflict</c> when the name is taken.</exception>
    public Task RenameAsync(string id, string name, CancellationToken ct) => PostAsync(id, "rename", new Query().Add("name", name), ct);

    public Task PauseAsync(string id, CancellationToken ct) => PostAsync(id, "pause", new(), ct);

    public Task UnpauseAsync(string id, CancellationToken ct) => PostAsync(id, "unpause", new(), ct);

    /// <summary>Changes limits and restart policy while the container runs; <see langword="null"/> leaves a value as it is.</summary>
    public Task UpdateAsync(string id, Resources resources, RestartPolicy? restart, CancellationToken ct) => _connection.SendAsync(
        EngineRequest.Post($"{Path(id)}/update", Subject.Container(id)).With(ContainerUpdateWire.Of(resources, restart), DockerJson.Default.ContainerUpdateWire), ct);

    /// <summary>Stops a container, then removes it.</summary>
    /// <param name="grace">Time between the stop signal and SIGKILL, rounded up to whole seconds; zero kills at once, <see langword="null"/> is the container's own.</param>
    /// <param name="removeAnonymousVolumes">Also remove volumes that have no name. Named ones always stay.</param>
    /// <remarks>Idempotent: a container that is already gone, or being removed by somebody else, counts as removed. It is gone when this returns.</remarks>
    public async Task RemoveAsync(string id, TimeSpan? grace, bool removeAnonymousVolumes, CancellationToken ct)
    {
        if (grace != TimeSpan.Zero)
        {
            var stopped = await _connection.StatusAsync(
                EngineRequest.Post($"{Path(id)}/stop{Grace(grace)}", Subject.Container(id)) with { Accepts = [HttpStatusCode.NotModified, HttpStatusCode.NotFound, HttpStatusCode.Conflict] }, ct);
            if (stopped == HttpStatusCode.NotFound)
            {
                return;
            }
        }

        var query = new Query().Add("force", value: true).Add("v", removeAnonymousVolumes);
        var removed = await _connection.StatusAsync(
            EngineRequest.Delete($"{Path(id)}{query}", Subject.Container(id)) with { Accepts = [HttpStatusCode.NotFound, HttpStatusCode.Conflict] }, ct);
        if (removed == HttpStatusCode.Conflict)
        {
            // The only conflict of a forced removal: another one is under way.
            await _connection.SendAsync(
                EngineRequest.Post($"{Path(id)}/wait?condition=removed", Subject.Container(id)) with { Accepts = [HttpStatusCode.NotFound] }, ct);
        }
    }

    /// <summary>The container, or <see langword="null"/> when there is none of this id or name.</summary>
    public async Task<ContainerInfo?> FindAsync(string id, CancellationToken ct) =>
        (await _connection.FindAsync(EngineRequest.Get($"{Path(id)}/json", Subject.Container(id)) with { Accepts = [HttpStatusCode.NotFound] }, DockerJson.Default.ContainerInspectWire, ct))?.ToInfo();

    /// <param name="labels">Labels that a container must carry, all of them; a <see langword="null"/> value asks for the key alone.</param>
    /// <param name="all">Also those that do not run.</param>
    public async Task<IReadOnlyList<ContainerSummary>> ListAsync(IReadOnlyDictionary<string, string?> labels, bool all, CancellationToken ct)
    {
        var query = new Query().Add("all", all).Add("filters", Filters.OfLabels(labels));
        var wires = await _connection.ReadAsync(EngineRequest.Get($"containers/json{query}", Subject.Engine), DockerJson.Default.IReadOnlyListContainerSummaryWire, ct);
        return [.. wires.Select(w => w.ToSummary())];
    }

    /// <summary>Waits until a container does not run (at once when it does not).</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> WaitAsync(string id, CancellationToken ct)
    {
        var wire = await _connection.ReadAsync(EngineRequest.Post($"{Path(id)}/wait", Subject.Container(id)), DockerJson.Default.ContainerWaitWire, ct);
        return wire.Error?.Message is { Length: > 0 } error ? throw EngineProblems.OfStream(Subject.Container(id), error).AsException() : wire.StatusCode;
    }

    /// <exception cref="ProblemException"><c>docker/conflict</c> when it does not run.</exception>
    public async Task<ContainerProcesses> TopAsync(string id, CancellationToken ct)
    {
        var wire = await _connection.ReadAsync(EngineRequest.Get($"{Path(id)}/top", Subject.Container(id)), DockerJson.Default.ContainerTopWire, ct);
        return new(wire.Titles ?? [], wire.Processes ?? []);
    }

    internal static string Path(string id) => $"containers/{Uri.EscapeDataString(id)}";

    private static Query Grace(TimeSpan? grace) => new Query().Add("t", grace is { } g ? EngineTime.WholeSeconds(g) : null);

    private async Task ConnectAsync(string id, NetworkJoin join, CancellationToken ct)
    {
        // The engine takes a missing network of a container that does not run yet, and fails at its start.
        var network = $"networks/{Uri.EscapeDataString(join.Network)}";
        await _connection.SendAsync(EngineRequest.Get(network, Subject.Network(join.Network)), ct);
        await _connection.SendAsync(
            EngineRequest.Post($"{network}/connect", Subject.Network(join.Network)).With(new NetworkConnectWire(id, EndpointWire.Of(join)), DockerJson.Default.NetworkConnectWire), ct);
    }

    private Task PostAsync(string id, string verb, Query query, CancellationToken ct, params HttpStatusCode[] accepts) =>
        _connection.SendAsync(EngineRequest.Post($"{Path(id)}/{verb}{query}", Subject.Container(id)) with { Accepts = accepts }, ct);
}
