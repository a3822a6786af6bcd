using System.Net;
using Wherry.Core.Problems;
using Wherry.Docker.Connection;

namespace Wherry.Docker;

/// <summary>Volumes of one engine.</summary>
public sealed class EngineVolumes
{
    private readonly EngineConnection _connection;

    internal EngineVolumes(EngineConnection connection) => _connection = connection;

    /// <summary>Makes sure that a volume of this name exists; an existing one keeps its content and labels.</summary>
    /// <exception cref="ProblemException"><c>docker/conflict</c> when it exists with another driver.</exception>
    public async Task<VolumeInfo> CreateAsync(VolumeCreate volume, CancellationToken ct) =>
        (await _connection.ReadAsync(
            EngineRequest.Post("volumes/create", Subject.Volume(volume.Name)).With(VolumeCreateWire.Of(volume), DockerJson.Default.VolumeCreateWire),
            DockerJson.Default.VolumeWire,
            ct)).ToInfo();

    public async Task<VolumeInfo?> FindAsync(string name, CancellationToken ct) =>
        (await _connection.FindAsync(EngineRequest.Get(Path(name), Subject.Volume(name)) with { Accepts = [HttpStatusCode.NotFound] }, DockerJson.Default.VolumeWire, ct))?.ToInfo();

    /// <summary>Volumes that carry all of these labels; a <see langword="null"/> value asks for the key alone.</summary>
    public async Task<IReadOnlyList<VolumeInfo>> ListAsync(IReadOnlyDictionary<string, string?> labels, CancellationToken ct)
    {
        var query = new Query().Add("filters", Filters.OfLabels(labels));
        var wire = await _connection.ReadAsync(EngineRequest.Get($"volumes{query}", Subject.Engine), DockerJson.Default.VolumeListWire, ct);
        return [.. (wire.Volumes ?? []).Select(v => v.ToInfo())];
    }

    /// <summary>Removes a volume and its data. Idempotent: one that is gone counts as removed.</summary>
    /// <exception cref="ProblemException"><c>docker/conflict</c> while a container, running or not, has it.</exception>
    public Task RemoveAsync(string name, CancellationToken ct) =>
        _connection.SendAsync(EngineRequest.Delete(Path(name), Subject.Volume(name)) with { Accepts = [HttpStatusCode.NotFound] }, ct);

    private static string Path(string name) => $"volumes/{Uri.EscapeDataString(name)}";
}
