using System.Diagnostics;
using System.Net;
using Wherry.Core.Routing;

namespace Wherry.Edge.Tests.Rig;

/// <summary>An edge in a process of its own.</summary>
public sealed class EdgeProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    private EdgeProcess(Process process, string home)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        Control = new(Path.Combine(home, "edge.sock"));
    }

    public EdgeControl Control { get; }

    public int Id => _process.Id;

    /// <param name="home">Its folder.</param>
    /// <param name="listen">Its address.</param>
    /// <param name="holder">Process that holds a socket of that address.</param>
    public static EdgeProcess Launch(string home, string listen = "127.0.0.1:0", int? holder = null)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Wherry.Edge.Tests"), holder is null ? ["edge", home, listen] : ["edge", home, listen, $"{holder}"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        return new(Process.Start(start)!, home);
    }

    /// <summary>Launches and waits until it answers on its socket.</summary>
    public static async Task<EdgeProcess> StartAsync(string home, string listen = "127.0.0.1:0", int? holder = null)
    {
        var edge = Launch(home, listen, holder);
        await Eventually.TrueAsync(async () =>
        {
            Assert.False(edge._process.HasExited, edge._process.HasExited ? await edge._errors : "");
            return await edge.FindHealthAsync() is not null;
        });
        return edge;
    }

    public async Task<IPEndPoint> AddressAsync() => IPEndPoint.Parse((await FindHealthAsync())!.Listen[0]);

    /// <summary>As a power cut does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public async Task TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{Id}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Waits for the end.</summary>
    public async Task<(int Code, string Errors)> ExitAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        return (_process.ExitCode, await _errors);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        Control.Dispose();
        _process.Dispose();
    }

    private async Task<EdgeHealth?> FindHealthAsync()
    {
        try
        {
            return await Control.HealthAsync();
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
