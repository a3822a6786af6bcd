using System.Globalization;
using Wherry.Core.Model;
using Wherry.Docker.Connection;

namespace Wherry.Docker;

public sealed partial class EngineBuilds
{
    /// <summary>Cuts BuildKit's cache, least recently used first. The cache is the engine's: nobody can tell whose builds made it.</summary>
    /// <param name="keep">Size that stays.</param>
    /// <param name="unusedFor">What was used within this time stays.</param>
    /// <returns>What was removed.</returns>
    public async Task<ByteSize> PruneCacheAsync(ByteSize keep, TimeSpan unusedFor, CancellationToken ct)
    {
        var until = string.Create(CultureInfo.InvariantCulture, $"{(long)unusedFor.TotalSeconds}s");
        var query = new Query().Add("all", value: true).Add("keep-storage", keep.Bytes).Add("filters", Filters.Write([("unused-for", [until])]));
        var wire = await _connection.ReadAsync(EngineRequest.Post($"build/prune{query}", Subject.Engine), DockerJson.Default.CachePrunedWire, ct);
        return ByteSize.Of(wire.SpaceReclaimed);
    }
}

internal sealed record CachePrunedWire(long SpaceReclaimed);
