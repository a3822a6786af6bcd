using System.Diagnostics;
using System.Net;
using Wherry.Server.Deployments;

namespace Wherry.Server.Tests.Rig;

/// <summary>An edge in a process of its own that dies where a test says, and is started again as its keeper does. The server reaches it through a proxy.</summary>
internal sealed class EdgeApart : IAsyncDisposable
{
    private readonly string _home;
    private readonly string _listen;
    private readonly SocketProxy _proxy;
    private Process _process;
    private volatile bool _ends;

    private EdgeApart(string home, string listen, SocketProxy proxy)
    {
        (_home, _listen, _proxy) = (home, listen, proxy);
        _process = Launch();
        Kept = KeepAsync();
    }

    /// <summary>The server's calls.</summary>
    public SocketProxy Calls => _proxy;

    /// <summary>It died since <see cref="KillAt"/>.</summary>
    public bool Died { get; private set; }

    private Task Kept { get; }

    public static async Task<EdgeApart> StartAsync(ServerOptions options, IPEndPoint listen)
    {
        var home = Directory.CreateDirectory(Path.Combine(options.Home, "edge-apart")).FullName;
        Directory.CreateDirectory(Path.GetDirectoryName(options.EdgeSocket)!);
        var edge = new EdgeApart(home, $"{listen}", await SocketProxy.StartAsync(Path.Combine(home, "edge.sock"), options.EdgeSocket));
        await edge.BackAsync();
        return edge;
    }

    /// <summary>Waits until it answers on its socket.</summary>
    public async Task BackAsync()
    {
        using var client = new EdgeClient(new ServerOptions { Home = Path.GetDirectoryName(_home)! });
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (await client.FindHealthAsync(limit.Token) is null)
        {
            await Task.Delay(50, limit.Token);
        }
    }

    /// <summary>Lets it die now, and waits until it is back.</summary>
    public async Task KillAsync()
    {
        var dead = _process;
        dead.Kill();
        await dead.WaitForExitAsync();
        await BackAsync();
    }

    /// <summary>Lets it die at the next call like this.</summary>
    /// <param name="call">As in the proxy's calls.</param>
    /// <param name="carriedOut">When it has done what it was asked, before the answer arrives; else before it is asked.</param>
    public void KillAt(string call, bool carriedOut)
    {
        Died = false;
        _proxy.OnAsked = carriedOut ? _ => Task.CompletedTask : KillAsync;
        _proxy.OnCarriedOut = carriedOut ? KillAsync : _ => Task.CompletedTask;

        async Task KillAsync(string came)
        {
            if (came == call && !Died)
            {
                Died = true;
                _process.Kill();
                await Task.Delay(100);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _ends = true;
        _process.Kill();
        await Kept;
        await _proxy.DisposeAsync();
    }

    private async Task KeepAsync()
    {
        while (true)
        {
            await _process.WaitForExitAsync();
            if (_ends)
            {
                return;
            }

            await Task.Delay(1000); // as the supervisor and the unit do
            _process = Launch();
        }
    }

    private Process Launch() => Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Wherry.Server.Tests"), ["edge", _home, _listen]))!;
}
