namespace Wherry.Edge.Tests.Rig;

/// <summary>Tests that share nothing but have an edge of their own.</summary>
public abstract class OnAnEdge : IAsyncLifetime
{
    protected TestEdge Edge { get; private set; } = null!;

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => Edge = await TestEdge.StartAsync(Options);

    public async ValueTask DisposeAsync()
    {
        await Edge.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected virtual EdgeOptions Options(EdgeOptions defaults) => defaults;
}
