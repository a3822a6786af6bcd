using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Wherry.Client;

namespace Wherry.Server.Tests.Deployments;

/// <summary>UC-01, DC-22. A service that publishes a port of the host is replaced without a gap: the edge has the port.</summary>
public sealed class PublishedPortTests(LiveWherry wherry)
{
    [Fact]
    public async Task DC_22_A_published_port_is_served_through_the_exchange_of_its_replicas()
    {
        var project = await wherry.ProjectAsync();
        var port = FreePort();
        string Compose(string version) => ComposeText.Of(ComposeText.Service("web", version, $"ports: [\"{port}:3000\"]\nscale: 2"));
        Assert.Null((await wherry.DeployComposeAsync(project, Compose("v1"))).Problem);
        Assert.All(await wherry.ContainersAsync(project), c => Assert.DoesNotContain(c.Ports, p => p.HostPort == port));

        using var stop = new CancellationTokenSource();
        var (seen, failures) = (new ConcurrentBag<string>(), new ConcurrentBag<Exception>());
        var visitors = Enumerable.Range(0, 4).Select(_ => VisitAsync(port, seen, failures, stop.Token)).ToArray();
        var second = await wherry.DeployComposeAsync(project, Compose("v2"));
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await Task.WhenAll(visitors);

        Assert.Null(second.Problem);
        Assert.Empty(failures);
        Assert.Superset(new HashSet<string> { "v1", "v2" }, seen.ToHashSet());
    }

    [Fact]
    public async Task The_port_goes_from_the_engine_to_the_edge_and_back()
    {
        var project = await wherry.ProjectAsync();
        var port = FreePort();
        string Compose(string version, string mode) => ComposeText.Of(ComposeText.Web($"{project}.localhost", version, keys: $"ports: [{{ target: 3000, published: {port}, mode: {mode} }}]"));

        foreach (var (version, mode) in new[] { ("v1", "host"), ("v2", "ingress"), ("v1", "host") })
        {
            var deployment = await wherry.DeployComposeAsync(project, Compose(version, mode));

            Assert.Null(deployment.Problem);
            Assert.Equal(version, await AskAsync(port));
            Assert.Equal(mode == "host", (await wherry.ContainersAsync(project)).Any(c => c.Ports.Any(p => p.HostPort == port)));
        }

        Assert.Null((await wherry.EndAsync(await wherry.Client.RollbackAsync(project, "production", new RollbackRequest(), default))).Problem);
        Assert.Equal("v2", await AskAsync(port));
    }

    private static async Task VisitAsync(int port, ConcurrentBag<string> seen, ConcurrentBag<Exception> failures, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                seen.Add(await AskAsync(port));
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
            {
                failures.Add(e);
            }
        }
    }

    /// <summary>On a connection of its own.</summary>
    private static async Task<string> AskAsync(int port)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(20) };
        http.DefaultRequestHeaders.ConnectionClose = true;
        return (await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/"), TestContext.Current.CancellationToken)).Trim();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
