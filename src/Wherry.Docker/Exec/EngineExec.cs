using System.Text;
using Wherry.Core.Problems;
using Wherry.Docker.Connection;

namespace Wherry.Docker;

/// <summary>Commands inside running containers of one engine.</summary>
public sealed class EngineExec
{
    /// <summary>Longest output that <see cref="RunAsync(string, IReadOnlyList{string}, CancellationToken, int)"/> keeps, per stream.</summary>
    public const int DefaultMaxBytes = 1024 * 1024;

    private static readonly TimeSpan ExitEvery = TimeSpan.FromMilliseconds(25);
    private readonly EngineConnection _connection;
    private readonly TimeProvider _time;

    internal EngineExec(EngineConnection connection, TimeProvider time)
    {
        _connection = connection;
        _time = time;
    }

    /// <summary>Starts a command and joins its input and output. Dispose the session.</summary>
    /// <exception cref="ProblemException"><c>docker/not-found</c> without such a container, <c>docker/conflict</c> when it does not run. A program that
    /// does not exist is an exit code (126 or 127) with the engine's words as output.</exception>
    public async Task<ExecSession> StartAsync(string container, ExecSpec spec, CancellationToken ct)
    {
        var about = Subject.Container(container);
        var created = await _connection.ReadAsync(
            EngineRequest.Post($"{EngineContainers.Path(container)}/exec", about).With(ExecCreateWire.Of(spec), DockerJson.Default.ExecCreateWire),
            DockerJson.Default.CreatedWire,
            ct);
        var path = $"exec/{Uri.EscapeDataString(created.Id)}";
        var duplex = await _connection.HijackAsync(
            EngineRequest.Post($"{path}/start", about).With(new ExecStartWire(Detach: false, spec.Tty), DockerJson.Default.ExecStartWire), ct);
        return new(
            duplex,
            spec.Tty,
            (columns, rows, stop) => _connection.SendAsync(EngineRequest.Post($"{path}/resize{new Query().Add("w", columns).Add("h", rows)}", about), stop),
            stop => ExitCodeAsync(path, about, stop),
            async stop => await _connection.ReadAsync(EngineRequest.Get($"{path}/json", about), DockerJson.Default.ExecInspectWire, stop) is { Running: true, Pid: var pid } ? pid : 0);
    }

    /// <summary>Runs a command to its end.</summary>
    /// <param name="maxBytes">Most that is kept of each stream; the rest is read and dropped.</param>
    public Task<ExecResult> RunAsync(string container, IReadOnlyList<string> command, CancellationToken ct, int maxBytes = DefaultMaxBytes) =>
        RunAsync(container, new ExecSpec { Command = command }, ct, maxBytes);

    /// <inheritdoc cref="RunAsync(string, IReadOnlyList{string}, CancellationToken, int)"/>
    public async Task<ExecResult> RunAsync(string container, ExecSpec spec, CancellationToken ct, int maxBytes = DefaultMaxBytes)
    {
        await using var session = await StartAsync(container, spec, ct);
        using MemoryStream stdout = new(), stderr = new();
        var isCut = false;
        await foreach (var chunk in session.ReadAsync(ct))
        {
            var target = chunk.Stream == LogStream.Stdout ? stdout : stderr;
            var room = maxBytes - (int)target.Length;
            isCut |= chunk.Bytes.Length > room;
            target.Write(chunk.Bytes.Span[..Math.Min(chunk.Bytes.Length, room)]);
        }

        return new(await session.ExitCodeAsync(ct), Text(stdout), Text(stderr), isCut);
    }

    private static string Text(MemoryStream bytes) => Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);

    /// <summary>The engine has no call that waits for an exec; its output ends a moment before its state changes.</summary>
    private async Task<int> ExitCodeAsync(string path, Subject about, CancellationToken ct)
    {
        while (true)
        {
            var state = await _connection.ReadAsync(EngineRequest.Get($"{path}/json", about), DockerJson.Default.ExecInspectWire, ct);
            if (!state.Running && state.ExitCode is { } code)
            {
                return code;
            }

            await Task.Delay(ExitEvery, _time, ct);
        }
    }
}
