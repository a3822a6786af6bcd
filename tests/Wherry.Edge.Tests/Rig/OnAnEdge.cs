namespace Wherry.Edge.Tests.Rig;

/// <summary>Tests that share nothing but have an edge of their own.</summary>
public abstract class OnAnEdge : IAsyncLifetime
{
    private CaddyProcess? _caddy;

    protected TestEdge Edge { get; private set; } = null!;

    /// <summary>The proxy that serves in the edge's place.</summary>
    protected CaddyProcess Caddy => _caddy ?? throw new InvalidOperationException("The edge serves by itself.");

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Whether a real Caddy serves, and the edge drives it.</summary>
    protected virtual bool OnCaddy => false;

    public async ValueTask InitializeAsync()
    {
        _caddy = OnCaddy ? await CaddyProcess.StartAsync() : null;
        Edge = await TestEdge.StartAsync(o => _caddy is null ? Options(o) : Behind(_caddy, Options(o)));
    }

    public async ValueTask DisposeAsync()
    {
        await Edge.DisposeAsync();
        await (_caddy?.DisposeAsync() ?? ValueTask.CompletedTask);
        GC.SuppressFinalize(this);
    }

    protected virtual EdgeOptions Options(EdgeOptions defaults) => defaults;

    private static EdgeOptions Behind(CaddyProcess caddy, EdgeOptions options) => options with
    {
        Proxy = $"caddy {caddy.Admin}",
        Listen = [$"127.0.0.1:{Backend.FreePort()}"],
        ListenTls = options.ListenTls.Count > 0 ? [$"127.0.0.1:{Backend.FreePort()}"] : [],
    };
}
