using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Wherry.Core.Problems;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Foreign.Traefik;

/// <summary>What the edge makes of the answers at Traefik's address. Who answers here is a web server that says what the test tells it to; it routes nothing.</summary>
public sealed partial class TraefikAskerTests : OnAnEdge
{
    private static readonly HostString Asked = new("configuration.wherry.internal");

    private readonly List<Backend> _servers = [];
    private string _folder = "";
    private volatile string? _says;

    private Backend There => _servers[0];

    private string Written => File.ReadAllText(Path.Combine(_folder, "wherry.yml"));

    private string Mark => MarkShape().Match(Written).Groups[1].Value;

    protected override EdgeOptions Options(EdgeOptions defaults)
    {
        _folder = Directory.CreateDirectory(Path.Combine(defaults.Home, "traefik")).FullName;
        _servers.Add(Backend.Prepare("there"));
        There.Otherwise = http =>
        {
            // A configuration's mark where it is asked for; null: the one that stands in the folder.
            http.Response.Redirect(http.Request.Host == Asked ? $"http://{Asked}/{_says ?? Mark}" : "/");
            return Task.CompletedTask;
        };
        There.StartAsync().GetAwaiter().GetResult();
        return defaults with { Proxy = $"traefik {_folder} asks=http://{There.Address}:{There.Port} settles=0.3" };
    }

    [Fact]
    public async Task A_switch_is_made_when_Traefik_says_so()
    {
        await using var old = await Backend.StartAsync("old");
        await using var @new = await Backend.StartAsync("new", old);
        await Edge.Control.PutAsync(A.Service(old));
        var (before, mark) = (Written, Mark);

        _says = mark;
        var switching = Edge.Control.PutAsync(A.Service(@new) with { DrainFor = TimeSpan.Zero }, Ct);
        await Eventually.TrueAsync(() => Written != before);
        Assert.NotEqual(mark, Mark);
        Assert.Equal(["old"], (await Edge.Control.GetAsync()).Targets.Select(t => t.Id));

        _says = null;
        Assert.Equal(["new"], (await switching).Switched);
    }

    [Fact]
    public async Task A_configuration_that_Traefik_does_not_take_is_taken_back_and_nothing_has_changed()
    {
        await using var old = await Backend.StartAsync("old");
        await using var @new = await Backend.StartAsync("new", old);
        await Edge.Control.PutAsync(A.Service(old));
        var before = Written;

        _says = Mark;
        var refused = await Assert.ThrowsAsync<ProblemException>(() => Edge.Control.PutAsync(A.Service(@new)));
        Assert.Equal("edge/proxy-refused", refused.Problem.Code);
        Assert.Equal(before, Written);
        Assert.Equal(["old"], (await Edge.Control.GetAsync()).Targets.Select(t => t.Id));
        Assert.Null((await Edge.Control.HealthAsync()).Proxy!.Problem);
    }

    [Fact]
    public async Task An_edge_that_was_started_again_takes_back_what_is_not_taken_too()
    {
        await using var old = await Backend.StartAsync("old");
        await using var @new = await Backend.StartAsync("new", old);
        await Edge.Control.PutAsync(A.Service(old));
        var before = Written;
        await Edge.StopAsync();
        _says = "something-else";
        await Edge.StartAgainAsync();

        await Assert.ThrowsAsync<ProblemException>(() => Edge.Control.PutAsync(A.Service(@new)));
        Assert.Equal(before, Written);
    }

    [Fact]
    public async Task A_Traefik_that_is_away_is_told_before_anything_is_probed()
    {
        await using var one = await Backend.StartAsync("one");
        await Edge.Control.PutAsync(A.Service(one));
        var before = Written;
        await There.DisposeAsync();

        var refused = await Assert.ThrowsAsync<ProblemException>(() => Edge.Control.PutAsync(A.Service(one) with { Routes = [A.Route(one.Port, "other.test")] }));
        Assert.Equal("edge/proxy-away", refused.Problem.Code);
        Assert.Equal(before, Written);
        await Eventually.TrueAsync(async () => (await Edge.Control.HealthAsync()).Proxy is { Problem.Code: "edge/proxy-away" });
    }

    [Fact]
    public async Task A_Traefik_that_serves_by_something_else_is_told()
    {
        await using var one = await Backend.StartAsync("one");
        await Edge.Control.PutAsync(A.Service(one));

        _says = "something-else";
        await Eventually.TrueAsync(async () => (await Edge.Control.HealthAsync()).Proxy is { Problem.Code: "edge/proxy-refused" });
        _says = null;
        await Eventually.TrueAsync(async () => (await Edge.Control.HealthAsync()).Proxy is { Problem: null });
    }

    [GeneratedRegex(@"\$\\u007b1\\u007d/([0-9a-f]{32})")]
    private static partial Regex MarkShape();
}
