using System.Text.Json.Nodes;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Core.Routing;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Foreign.Traefik;

/// <summary>The edge with Traefik in its place, seen from both sides that are ours: the control socket, and the folder that Traefik reads.</summary>
public sealed class TraefikEdgeTests : OnAnEdge
{
    private string _folder = "";

    private string Written => File.ReadAllText(Path.Combine(_folder, "wherry.yml"));

    private JsonNode Servers => JsonNode.Parse(Written[Written.IndexOf('\n', StringComparison.Ordinal)..])!["http"]!["services"]![A.Key + "~0"]!["loadBalancer"]!["servers"]!;

    protected override EdgeOptions Options(EdgeOptions defaults)
    {
        _folder = Directory.CreateDirectory(Path.Combine(defaults.Home, "traefik")).FullName;
        return defaults with { Proxy = $"traefik {_folder} settles=0.2" };
    }

    [Fact]
    public async Task A_switch_is_in_the_folder_before_the_drain_begins_and_is_told_when_its_time_is_over()
    {
        await using var old = await Backend.StartAsync("old");
        await using var @new = await Backend.StartAsync("new", old);
        await Edge.Control.PutAsync(A.Service(old));

        var switching = Edge.Control.PutAsync(A.Service(@new) with { DrainFor = TimeSpan.FromSeconds(2) }, Ct);
        await Eventually.TrueAsync(() => !Written.Contains(old.Address, StringComparison.Ordinal));
        Assert.False(switching.IsCompleted);
        Assert.Equal($$"""[{"url":"http://{{@new.Address}}:{{@new.Port}}"}]""", Servers.ToJsonString());

        var report = await switching;
        Assert.InRange(report.DrainTook, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(10)); // nobody tells how many requests are left
        Assert.Equal((0, 0), (report.Drained, report.Cut));
        Assert.Equal("", await TraefikText.WrongsAsync([Written]));
    }

    [Fact]
    public async Task The_edges_own_authority_is_handed_out_as_it_signs_for_Traefik()
    {
        using var root = await Edge.Control.RootAsync();

        Assert.Contains("Wherry", root.Subject, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_release_that_fails_its_gate_is_never_in_the_folder()
    {
        await using var well = await Backend.StartAsync("well");
        await using var ill = await Backend.StartAsync("ill", well);
        ill.On("/up", http =>
        {
            http.Response.StatusCode = 500;
            return Task.CompletedTask;
        });
        await Edge.Control.PutAsync(A.Service(well));
        var before = Written;

        var refused = await Assert.ThrowsAsync<ProblemException>(() => Edge.Control.PutAsync(A.Service(ill) with { Probe = A.Probe with { Deadline = TimeSpan.FromSeconds(1) } }));
        Assert.Equal("health/deadline", refused.Problem.Code);
        Assert.Equal(before, Written);
    }

    [Fact]
    public async Task What_Traefik_cannot_do_is_refused_by_name_before_anything_changes()
    {
        await using var replica = await Backend.StartAsync("one");
        await Edge.Control.PutAsync(A.Service(replica));
        var before = Written;

        var refused = await Assert.ThrowsAsync<ProblemException>(() => Edge.Control.PutAsync(A.Service(replica) with
        {
            Routes = [A.Route(replica.Port) with { Rules = new() { Deny = ["10.0.0.1"] } }],
            Rules = new() { Readers = new() },
        }));
        Assert.Equal("edge/unsupported", refused.Problem.Code);
        Assert.Contains("Traefik cannot do: deny, readers.", refused.Problem.Message);
        Assert.Contains("allow", refused.Problem.Hint);

        Assert.Equal("edge/unsupported", (await Assert.ThrowsAsync<ProblemException>(() => Edge.Control.PauseAsync())).Problem.Code);
        Assert.Equal(ServiceMode.Running, (await Edge.Control.GetAsync()).Mode);
        Assert.Equal(before, Written);
    }

    [Fact]
    public async Task Maintenance_closes_and_ends_by_itself()
    {
        await using var replica = await Backend.StartAsync("one");
        await Edge.Control.PutAsync(A.Service(replica));
        var open = Written;

        await Edge.Control.MaintenanceAsync(new MaintenanceRequest(null, ["10.0.0.0/8"], DateTimeOffset.UtcNow.AddSeconds(3)));
        Assert.Contains("rejectStatusCode", Written);
        Assert.Equal("", await TraefikText.WrongsAsync([Written]));

        await Eventually.TrueAsync(() => Written == open);
    }

    [Fact]
    public async Task An_edge_that_was_away_puts_back_what_was_lost()
    {
        await using var replica = await Backend.StartAsync("one");
        await Edge.Control.PutAsync(A.Service(replica));
        var before = Written;

        await Edge.StopAsync();
        Assert.Equal(before, Written); // Traefik serves on by it
        File.Delete(Path.Combine(_folder, "wherry.yml"));
        await Edge.StartAgainAsync();
        Assert.Equal(before, Written);

        await File.WriteAllTextAsync(Path.Combine(_folder, "wherry.yml"), "http: {}", Ct);
        await Eventually.TrueAsync(() => Written == before);

        await Edge.Control.DeleteAsync();
        Assert.DoesNotContain("shop.test", Written);
    }

    [Fact]
    public async Task Without_its_folder_a_deployment_is_refused_and_what_was_is_kept()
    {
        await using var old = await Backend.StartAsync("old");
        await using var @new = await Backend.StartAsync("new", old);
        await Edge.Control.PutAsync(A.Service(old));
        Directory.Delete(_folder, recursive: true);

        var refused = await Assert.ThrowsAsync<ProblemException>(() => Edge.Control.PutAsync(A.Service(@new)));
        Assert.Equal("edge/traefik-folder", refused.Problem.Code);
        Assert.Equal(["old"], (await Edge.Control.GetAsync()).Targets.Select(t => t.Id));
        await Eventually.TrueAsync(async () => (await Edge.Control.HealthAsync()).Proxy is { Name: "Traefik", Problem.Code: "edge/traefik-folder" });

        Directory.CreateDirectory(_folder);
        await Eventually.TrueAsync(async () => (await Edge.Control.HealthAsync()).Proxy is { Problem: null });
        Assert.Contains(old.Address, Written);
    }

    [Fact]
    public async Task A_full_disk_refuses_a_deployment_and_what_was_is_kept()
    {
        await using var disk = await SmallDisk.MountAsync(_folder, 64 << 10);
        await using var old = await Backend.StartAsync("old");
        await Edge.Control.PutAsync(A.Service(old));
        var before = Written;
        disk.Fill();

        var refused = await Assert.ThrowsAsync<ProblemException>(() => Edge.Control.PutAsync(A.Service(old) with { Routes = [.. Enumerable.Range(0, 99).Select(i => A.Route(old.Port, $"h{i}.test"))] }));
        Assert.Equal("edge/traefik-folder", refused.Problem.Code);
        Assert.Equal(before, Written);
        Assert.Single((await Edge.Control.GetAsync()).Service.Routes);

        disk.MakeRoom();
        await Edge.Control.PutAsync(A.Service(old) with { Routes = [A.Route(old.Port, "other.test")] });
        Assert.Contains("other.test", Written);
    }

    [Fact]
    public async Task A_tcp_route_leaves_its_port_to_Traefik_and_drains_too()
    {
        await using var old = await Backend.StartAsync("old");
        await using var @new = await Backend.StartAsync("new", old);
        var port = Backend.FreePort();
        EdgeService Over(Backend replica) => A.Service(replica) with { Routes = [], Tcp = [new TcpRoute(port, old.Port)], Probe = new(), DrainFor = TimeSpan.FromSeconds(1) };

        await Edge.Control.PutAsync(Over(old));
        Assert.InRange((await Edge.Control.PutAsync(Over(@new))).DrainTook, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));
        Assert.Contains($"\"tcp-{port}\"", Written);
        Assert.Contains(@new.Address, Written);
        using var mine = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, port);
        mine.Start(); // nobody else has it
    }

    [Fact]
    public async Task What_an_earlier_edge_saved_and_Traefik_cannot_do_is_not_served_half()
    {
        await using var one = await Backend.StartAsync("one");
        await using var own = await TestEdge.StartAsync();
        await own.Control.PutAsync("a.production.web", A.Service(one) with { Routes = [A.Route(one.Port, "closed.test") with { Rules = new() { Deny = ["10.0.0.1"] } }] }, Ct);
        await Edge.StopAsync();
        File.Copy(Path.Combine(own.Home, "state.json"), Path.Combine(Edge.Home, "state.json"), overwrite: true);
        await Edge.StartAgainAsync();
        Assert.DoesNotContain("closed.test", Written);

        await Edge.Control.PutAsync(A.Service(one));
        Assert.Contains(A.Host, Written);
        Assert.DoesNotContain("closed.test", Written);
    }
}
