using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using System.Net;
using Wherry.Client;
using Wherry.Server.Store;

namespace Wherry.Server.Tests;

/// <summary>A real server on a state folder of its own, on its unix socket and on a free loopback port.</summary>
internal sealed class Home : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("wherry-test-").FullName;
    private WebApplication? _app;

    /// <summary>Where the server looks for its engine. Default: this machine's.</summary>
    public string Engine { get; init; } = new ServerOptions().Engine;

    /// <summary>Default: the home's own.</summary>
    public StoreLocation? Store { get; init; }

    public ServerOptions Options => new() { Home = _folder, Listen = new IPEndPoint(IPAddress.Loopback, 0), Engine = Engine, Store = Store! };

    public IServiceProvider Services => _app!.Services;

    /// <summary>Where the running server answers over TCP.</summary>
    public Uri Address => new(_app!.Urls.Single(u => !u.Contains("unix", StringComparison.Ordinal)));

    public static async Task<Home> StartAsync(StoreLocation? store = null)
    {
        var home = new Home { Store = store };
        try
        {
            await home.StartServerAsync();
            return home;
        }
        catch
        {
            await home.DisposeAsync();
            throw;
        }
    }

    public async Task StartServerAsync()
    {
        _app = await ServerHost.BuildAsync(Options, TestContext.Current.CancellationToken);
        await _app.StartAsync(TestContext.Current.CancellationToken);
    }

    public async Task StopServerAsync()
    {
        if (_app is not null)
        {
            await _app.StopAsync(TestContext.Current.CancellationToken);
            await _app.DisposeAsync();
            _app = null;
        }
    }

    public T Get<T>()
        where T : notnull => Services.GetRequiredService<T>();

    public WherryClient OverSocket() => WherryClient.OverSocket(Options.Socket);

    public WherryClient WithToken(string token) => WherryClient.OverHttp(Address, token);

    public async ValueTask DisposeAsync()
    {
        await StopServerAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
