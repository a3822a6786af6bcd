using Microsoft.AspNetCore.Http;
using Wherry.Core.Routing;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Health;

public sealed class ProbeTests : OnAnEdge
{
    private static readonly Probe Short = A.Probe with { Deadline = TimeSpan.FromMilliseconds(500), Timeout = TimeSpan.FromMilliseconds(150) };

    [Theory]
    [InlineData(200)]
    [InlineData(204)]
    [InlineData(301)]
    public async Task KP_051_A_target_is_healthy_on_the_first_2xx_or_3xx(int status)
    {
        await using var web = await Backend.StartAsync("web1");
        var probes = 0;
        web.On("/up", http =>
        {
            Interlocked.Increment(ref probes);
            http.Response.StatusCode = status;
            http.Response.Headers.Location = "/elsewhere";
            return Task.CompletedTask;
        });

        await Edge.Control.PutAsync(A.Service(web) with { Probe = A.Probe with { Interval = TimeSpan.FromMinutes(1) } }, Ct);

        Assert.Equal(1, probes);
        Assert.Equal(0, web.Hits);
    }

    [Fact]
    public async Task KP_053_A_probe_without_an_answer_in_time_counts_as_failed()
    {
        await using var web = await Backend.StartAsync("web1");
        web.On("/up", async http => await Task.Delay(Timeout.Infinite, http.RequestAborted));

        var problem = await EdgeControl.ProblemOfAsync(() => Edge.Control.PutAsync(A.Service(web) with { Probe = Short }, Ct));

        Assert.Contains("no answer", problem.Message, StringComparison.Ordinal);
        Assert.Contains(web.Address, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(404)]
    public async Task KP_054_An_error_status_counts_as_failed(int status)
    {
        await using var web = await Backend.StartAsync("web1");
        web.On("/up", status, "why");

        var problem = await EdgeControl.ProblemOfAsync(() => Edge.Control.PutAsync(A.Service(web) with { Probe = Short }, Ct));

        Assert.Contains($"{status}", problem.Message, StringComparison.Ordinal);
        Assert.Contains(": why", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("probe.example", "probe.example")]
    [InlineData(null, A.Host)]
    [InlineData("", A.Host)]
    public async Task KP_055_RG_12_The_probe_sends_the_Host_that_was_asked_for_or_the_first_routes(string? host, string expected)
    {
        await using var web = await Backend.StartAsync("web1");
        web.On("/up", http =>
        {
            http.Response.StatusCode = http.Request.Host.Value == expected ? 200 : 421;
            return Task.CompletedTask;
        });

        await Edge.Control.PutAsync(A.Service(web) with { Probe = A.Probe with { Host = host } }, Ct);

        Assert.Equal("web1", await Edge.GetAsync("/"));
    }

    [Fact]
    public async Task KP_055_A_wrong_Host_fails_the_probe()
    {
        await using var web = await Backend.StartAsync("web1");
        web.On("/up", http =>
        {
            http.Response.StatusCode = http.Request.Host.Value == "wanted.test" ? 200 : 421;
            return Task.CompletedTask;
        });

        var problem = await EdgeControl.ProblemOfAsync(() => Edge.Control.PutAsync(A.Service(web) with { Probe = Short with { Host = "wrong.test" } }, Ct));

        Assert.Contains("421", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/", "/")]
    [InlineData("//", "//")]
    [InlineData("/deep/up?full=1&x=%20", "/deep/up?full=1&x=%20")]
    public async Task KP_056_The_probe_asks_for_exactly_its_path_on_its_port(string path, string expected)
    {
        await using var web = await Backend.StartAsync("web1");
        await using var health = await Backend.StartAsync("health");
        var asked = "";
        health.Otherwise = http =>
        {
            asked = http.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
            return http.Response.WriteAsync("well");
        };

        await Edge.Control.PutAsync(A.Service(web) with { Targets = [new("web1", health.Address)], Probe = A.Probe with { Path = path, Port = health.Port } }, Ct);

        Assert.Equal(expected, asked);
    }

    [Fact]
    public async Task Without_a_path_an_accepted_connection_is_enough()
    {
        await using var web = await Backend.StartAsync("web1");
        web.On("/up", 500);

        await Edge.Control.PutAsync(A.Service(web) with { Probe = A.Probe with { Path = null } }, Ct);

        Assert.Equal("web1", await Edge.GetAsync("/"));
    }

    [Fact]
    public async Task Without_a_path_a_refused_connection_fails_and_says_so()
    {
        await using var other = await Backend.StartAsync("other");
        var absent = Backend.Prepare("absent", beside: other);

        var problem = await EdgeControl.ProblemOfAsync(() => Edge.Control.PutAsync(A.Service(absent) with { Probe = Short with { Path = null } }, Ct));

        Assert.Contains("connection refused", problem.Message, StringComparison.Ordinal);
    }
}
