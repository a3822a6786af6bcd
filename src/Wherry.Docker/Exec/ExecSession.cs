using System.Runtime.CompilerServices;
using Wherry.Core.Problems;
using Wherry.Docker.Connection;

namespace Wherry.Docker;

/// <summary>A piece of output, byte for byte as it was printed.</summary>
public readonly record struct OutputChunk(LogStream Stream, ReadOnlyMemory<byte> Bytes);

/// <summary>A running command with its input and output. One reader and one writer at a time.</summary>
public sealed class ExecSession : IAsyncDisposable
{
    private readonly Duplex _duplex;
    private readonly bool _hasTty;
    private readonly Func<int, int, CancellationToken, Task> _resize;
    private readonly Func<CancellationToken, Task<int>> _exitCode;
    private readonly Func<CancellationToken, Task<int>> _hostPid;

    internal ExecSession(Duplex duplex, bool hasTty, Func<int, int, CancellationToken, Task> resize, Func<CancellationToken, Task<int>> exitCode, Func<CancellationToken, Task<int>> hostPid)
    {
        _duplex = duplex;
        _hasTty = hasTty;
        _resize = resize;
        _exitCode = exitCode;
        _hostPid = hostPid;
    }

    /// <exception cref="ProblemException"><c>exec/ended</c> when the command takes no more input.</exception>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct) => _duplex.WriteAsync(bytes, ct);

    /// <summary>Ends the input, as Ctrl-D does; output goes on.</summary>
    public Task CloseInputAsync() => _duplex.CloseInputAsync();

    /// <summary>Output until the command ends. To be enumerated once.</summary>
    public async IAsyncEnumerable<OutputChunk> ReadAsync([EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var piece in new FrameReader(_duplex.ReadAsync, _hasTty).ReadAsync(ct))
        {
            yield return new(piece.Stream, piece.Bytes);
        }
    }

    /// <summary>Tells the terminal its size, in characters.</summary>
    public Task ResizeAsync(int columns, int rows, CancellationToken ct) => _resize(columns, rows, ct);

    /// <summary>Waits for the command's end and returns its exit code. Read the output first: a command that cannot print does not end.</summary>
    public Task<int> ExitCodeAsync(CancellationToken ct) => _exitCode(ct);

    /// <summary>The command's process id on the engine's host; 0 when it does not run.</summary>
    public Task<int> HostPidAsync(CancellationToken ct) => _hostPid(ct);

    /// <summary>Leaves the session. A command that still runs goes on without its input.</summary>
    public ValueTask DisposeAsync() => _duplex.DisposeAsync();
}
