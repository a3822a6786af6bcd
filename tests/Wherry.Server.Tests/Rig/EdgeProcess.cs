using System.Diagnostics;
using System.Net;
using Wherry.Server.Deployments;

namespace Wherry.Server.Tests.Rig;

/// <summary>An edge in a process of its own: <c>Program.cs</c> of the tests runs as one.</summary>
internal sealed class EdgeProcess : IAsyncDisposable
{
    private readonly Process _process;

    private EdgeProcess(Process process) => _process = process;

    public int Id => _process.Id;

    /// <summary>Starts it and waits until it answers on its socket.</summary>
    public static async Task<EdgeProcess> StartAsync(ServerOptions options, IPEndPoint listen)
    {
        var edge = new EdgeProcess(Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Wherry.Server.Tests"), ["edge", Path.Combine(options.Home, "edge"), $"{listen}"]))!);
        using var client = new EdgeClient(options);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (await client.FindHealthAsync(limit.Token) is null)
        {
            await Task.Delay(50, limit.Token);
        }

        return edge;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
