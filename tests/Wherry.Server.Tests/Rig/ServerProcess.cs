using System.Diagnostics;
using Wherry.Client;

namespace Wherry.Server.Tests.Rig;

/// <summary>A server in a process of its own: <c>Program.cs</c> of the tests runs as one.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output;

    private ServerProcess(Process process)
    {
        _process = process;
        _output = process.StandardOutput.ReadToEndAsync();
    }

    public int Id => _process.Id;

    /// <summary>Starts it and waits until it answers on its socket, or is killed.</summary>
    /// <param name="options">Its home, engine and address.</param>
    /// <param name="forLong">It runs so long that code which is compiled once, as its unit says, is worth the slower start.</param>
    public static async Task<ServerProcess> StartAsync(ServerOptions options, bool forLong = false)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Wherry.Server.Tests"), ["server", options.Home, options.Engine, $"{options.Listen}"]) { RedirectStandardOutput = true };
        start.Environment["DOTNET_TieredCompilation"] = forLong ? "0" : "1";
        var server = new ServerProcess(Process.Start(start)!);
        using var client = WherryClient.OverSocket(options.Socket);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!await AnswersAsync(client, limit.Token))
        {
            if (server.HasDied)
            {
                Assert.True(server._process.ExitCode == 137, await server._output);
                break;
            }

            await Task.Delay(20, limit.Token);
        }

        return server;
    }

    public bool HasDied => _process.HasExited;

    /// <summary>Lets it die in the middle of whatever it does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Stops it as a service manager does.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await Tool.TryAsync("kill", "-TERM", $"{_process.Id}");
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static async Task<bool> AnswersAsync(WherryClient client, CancellationToken ct)
    {
        try
        {
            await client.VersionAsync(ct);
            return true;
        }
        catch (ApiException)
        {
            return false;
        }
    }
}
