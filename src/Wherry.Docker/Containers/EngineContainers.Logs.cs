using System.Net;
using System.Runtime.CompilerServices;
using Wherry.Core.Problems;
using Wherry.Docker.Connection;

namespace Wherry.Docker;

public sealed partial class EngineContainers
{
    /// <summary>A container's log, line by line. With <see cref="LogQuery.Follow"/> it ends when the container stops, else when the log does.</summary>
    /// <remarks>Lines of one stream come in order. A line longer than 1 MB comes in parts.</remarks>
    /// <exception cref="ProblemException"><c>docker/not-found</c>; <c>docker/unreachable</c> when the stream breaks.</exception>
    public async IAsyncEnumerable<LogLine> LogsAsync(string id, LogQuery query, [EnumeratorCancellation] CancellationToken ct)
    {
        // Whether the output is framed depends on the container; before API 1.42 the answer does not say.
        var isRaw = (await GetAsync(id, ct)).HasTty;
        var parameters = new Query()
            .Add("stdout", value: true)
            .Add("stderr", value: true)
            .Add("timestamps", query.Timestamps)
            .Add("follow", query.Follow)
            .Add("since", query.Since is { } since ? EngineTime.Seconds(since) : null)
            .Add("until", query.Until is { } until ? EngineTime.Seconds(until) : null)
            .Add("tail", query.Tail);
        await using var body = await _connection.OpenAsync(EngineRequest.Get($"{Path(id)}/logs{parameters}", Subject.Container(id)), ct);
        var lines = new LogAssembler(isRaw, query.Timestamps);
        await foreach (var piece in new FrameReader(body.ReadAsync, isRaw).ReadAsync(ct))
        {
            foreach (var line in lines.Add(piece))
            {
                yield return line;
            }
        }

        foreach (var line in lines.Flush())
        {
            yield return line;
        }
    }

    private async Task<ContainerInfo> GetAsync(string id, CancellationToken ct) =>
        await FindAsync(id, ct) ?? throw EngineProblems.Of(Subject.Container(id), HttpStatusCode.NotFound, "No such container").AsException();
}
