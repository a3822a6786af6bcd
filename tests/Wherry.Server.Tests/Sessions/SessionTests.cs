using Wherry.Client;

namespace Wherry.Server.Tests.Sessions;

/// <summary>A server with the project <c>shop</c>, and containers of it to run commands in.</summary>
public abstract class SessionTests : IAsyncLifetime
{
    private protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    private protected Home Home { get; private set; } = null!;

    private protected Replicas Replicas { get; private set; } = null!;

    private protected WherryClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Home = await Home.StartAsync();
        Client = Home.OverSocket();
        Replicas = new Replicas(Home.Get<HomeId>());
        await Client.CreateProjectAsync(new CreateProject("shop"), Ct);
    }

    public async ValueTask DisposeAsync()
    {
        await Replicas.DisposeAsync();
        Client.Dispose();
        await Home.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected static async Task WaitAsync(Func<Task<bool>> until)
    {
        for (var tries = 0; !await until(); tries++)
        {
            Assert.True(tries < 200, "did not happen within 20 s");
            await Task.Delay(100, Ct);
        }
    }
}
