using System.Collections.Concurrent;
using System.Diagnostics;

namespace Wherry.Edge.Tests.Acme.Rig;

/// <summary>A program that runs beside a test; its output is kept for when it fails.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private bool _isDisposed;

    public ChildProcess(string program, IEnumerable<string> arguments, string folder, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, e) => _output.Enqueue(e.Data ?? "");
        _process.ErrorDataReceived += (_, e) => _output.Enqueue(e.Data ?? "");
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Output => string.Join('\n', _output);

    /// <summary>Waits until the question is answered with yes, or the program has ended.</summary>
    public async Task UntilAsync(Func<Task<bool>> isUp)
    {
        var start = Stopwatch.StartNew();
        while (true)
        {
            Assert.False(_process.HasExited, $"{_process.StartInfo.FileName} ended:\n{Output}");
            Assert.True(start.Elapsed < TimeSpan.FromSeconds(30), $"{_process.StartInfo.FileName} does not answer:\n{Output}");
            try
            {
                if (await isUp())
                {
                    return;
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException or System.Net.Sockets.SocketException)
            {
                // Not yet.
            }

            await Task.Delay(50);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            _process.Dispose();
        }
    }
}
