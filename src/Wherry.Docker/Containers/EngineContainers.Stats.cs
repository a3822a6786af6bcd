using System.Runtime.CompilerServices;
using Wherry.Core.Problems;
using Wherry.Docker.Connection;

namespace Wherry.Docker;

public sealed partial class EngineContainers
{
    /// <summary>What a container uses: with <paramref name="follow"/> about once a second until it stops, else one sample at once (none when it does not run).</summary>
    /// <exception cref="ProblemException"><c>docker/not-found</c>.</exception>
    public async IAsyncEnumerable<ContainerStats> StatsAsync(string id, bool follow, [EnumeratorCancellation] CancellationToken ct)
    {
        var query = follow ? "stream=1" : "stream=0&one-shot=1";
        await foreach (var wire in _connection.StreamAsync(EngineRequest.Get($"{Path(id)}/stats?{query}", Subject.Container(id)), DockerJson.Default.ContainerStatsWire, ct))
        {
            if (wire.ToStats() is not { } stats)
            {
                // It stopped; the engine would repeat zeros for as long as the container exists.
                yield break;
            }

            yield return stats;
        }
    }
}
