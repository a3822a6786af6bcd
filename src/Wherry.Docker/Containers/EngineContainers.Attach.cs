using Wherry.Core.Problems;
using Wherry.Docker.Connection;

namespace Wherry.Docker;

public sealed partial class EngineContainers
{
    /// <summary>Joins a container's input and output; to miss nothing, do so before it is started. Dispose the session.</summary>
    /// <remarks>Input reaches a container only when it was created with <see cref="ContainerSpec.OpenStdin"/>. The session's exit code is the container's.</remarks>
    /// <exception cref="ProblemException"><c>docker/not-found</c>.</exception>
    public async Task<ExecSession> AttachAsync(string id, CancellationToken ct)
    {
        var hasTty = (await GetAsync(id, ct)).HasTty;
        var about = Subject.Container(id);
        var query = new Query().Add("stream", value: true).Add("stdin", value: true).Add("stdout", value: true).Add("stderr", value: true).Add("detachKeys", TerminalKeys.NeverDetach);
        var duplex = await _connection.HijackAsync(EngineRequest.Post($"{Path(id)}/attach{query}", about), ct);
        return new(
            duplex,
            hasTty,
            (columns, rows, stop) => _connection.SendAsync(EngineRequest.Post($"{Path(id)}/resize{new Query().Add("w", columns).Add("h", rows)}", about), stop),
            stop => WaitAsync(id, stop),
            async stop => (await FindAsync(id, stop))?.HostPid ?? 0);
    }
}
