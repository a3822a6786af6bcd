using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Wherry.Core.Routing;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Control;

public sealed class ControlTests : OnAnEdge
{
    private string Socket => Path.Combine(Edge.Home, "edge.sock");

    [Fact]
    public void The_socket_is_for_its_owner_only()
    {
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Socket));
    }

    [Fact]
    public async Task The_control_API_is_not_to_be_had_on_the_public_address()
    {
        foreach (var path in new[] { "/services", "/health", "/metrics" })
        {
            Assert.Equal(404, await Edge.StatusAsync(path));
        }
    }

    [Fact]
    public async Task Health_tells_version_and_addresses()
    {
        var health = await Edge.Control.HealthAsync();

        Assert.StartsWith("0.", health.Version, StringComparison.Ordinal);
        Assert.Equal([$"{Edge.Address}"], health.Listen);
    }

    [Fact]
    public async Task All_services_are_listed_in_order()
    {
        await using var web = await Backend.StartAsync("web");
        await Edge.Control.PutAsync("p.e.b", A.Service(web) with { Routes = [A.Route(web.Port, "b.test")] }, Ct);
        await Edge.Control.PutAsync("p.e.a", A.Service(web) with { Routes = [A.Route(web.Port, "a.test")] }, Ct);

        await using var stream = await Edge.Control.Http.GetStreamAsync(new Uri("/services", UriKind.Relative), Ct);
        var services = await JsonSerializer.DeserializeAsync(stream, EdgeJson.Default.IReadOnlyListEdgeServiceState, Ct);

        Assert.Equal(["p.e.a", "p.e.b"], services!.Select(s => s.Key));
        Assert.Equal("a.test", services![0].Service.Routes[0].Host!.Value);
    }

    [Theory]
    [InlineData("GET", "/nowhere", "", 404, "edge/unknown-call")]
    [InlineData("DELETE", "/services", "", 404, "edge/unknown-call")]
    [InlineData("POST", "/services/a/explode", "", 404, "edge/unknown-call")]
    [InlineData("GET", "/services/a", "", 404, "edge/unknown-service")]
    [InlineData("PUT", "/services/a", "{", 400, "edge/json")]
    [InlineData("PUT", "/services/a", "", 400, "edge/json")]
    [InlineData("PUT", "/services/a", "null", 400, "edge/json")]
    [InlineData("PUT", "/services/a", "{}", 400, "edge/json")]
    [InlineData("PUT", "/services/a", """{"routes":[{"host":"-","path":"/","port":80}],"targets":[]}""", 400, "route/host")]
    [InlineData("PUT", "/services/a", """{"routes":[{"path":"/../x","port":80}],"targets":[]}""", 400, "route/path")]
    [InlineData("PUT", "/services/..%2Fa", """{"routes":[{"path":"/","port":80}],"targets":[]}""", 400, "edge/key")]
    public async Task KP_100_A_wrong_call_gets_a_problem(string method, string path, string body, int status, string code)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new StringContent(body) };
        using var response = await Edge.Control.Http.SendAsync(request, Ct);

        Assert.Equal(status, (int)response.StatusCode);
        var problem = JsonSerializer.Deserialize(await response.Content.ReadAsStringAsync(Ct), EdgeJson.Default.Problem)!;
        Assert.Equal(code, problem.Code);
        Assert.All([problem.Message, problem.Hint], text => Assert.False(string.IsNullOrWhiteSpace(text)));
    }

    [Fact]
    public async Task A_socket_that_a_killed_edge_left_behind_is_taken_over()
    {
        await Edge.StopAsync();
        using (var left = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            left.Bind(new UnixDomainSocketEndPoint(Socket + ".left"));
            File.Move(Socket + ".left", Socket);
        }

        Assert.True(File.Exists(Socket));
        await Edge.StartAgainAsync();

        Assert.NotEmpty((await Edge.Control.HealthAsync()).Listen);
    }

    [Fact]
    public async Task A_second_edge_on_the_same_home_is_refused_and_the_first_goes_on()
    {
        var problem = await EdgeControl.ProblemOfAsync(() => TestEdge.StartAsync(o => o with { Home = Edge.Home }));

        Assert.Equal("edge/running", problem.Code);
        Assert.NotEmpty((await Edge.Control.HealthAsync()).Listen);
    }

    [Fact]
    public async Task An_address_that_is_taken_is_told()
    {
        var problem = await EdgeControl.ProblemOfAsync(() => EdgeHost.StartAsync(new() { Home = NewHome(), Listen = [$"{Edge.Address}"] }, Ct));

        Assert.Equal("edge/port-taken", problem.Code);
        Assert.Contains($"{Edge.Address}", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost:80", "edge/listen")]
    [InlineData("127.0.0.1", "edge/listen")]
    [InlineData("203.0.113.1:80", "edge/address")]
    public async Task An_address_that_is_none_of_this_machine_is_told(string listen, string code) =>
        Assert.Equal(code, (await EdgeControl.ProblemOfAsync(() => EdgeHost.StartAsync(new() { Home = NewHome(), Listen = [listen] }, Ct))).Code);

    [Fact]
    public async Task IPv4_and_IPv6_share_a_port()
    {
        var port = Backend.FreePort();
        await using var edge = await EdgeHost.StartAsync(new() { Home = NewHome(), Listen = [$"0.0.0.0:{port}", $"[::]:{port}"] }, Ct);

        foreach (var address in edge.Addresses)
        {
            using var client = new TcpClient(address.AddressFamily);
            await client.ConnectAsync(address.AddressFamily is AddressFamily.InterNetwork ? "127.0.0.1" : "::1", port, Ct);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.0\r\n\r\n"), Ct);
            using var reader = new StreamReader(client.GetStream());
            Assert.StartsWith("HTTP/1.1 404", await reader.ReadToEndAsync(Ct), StringComparison.Ordinal);
        }

        Assert.Equal(System.Net.Sockets.Socket.OSSupportsIPv6 ? 2 : 1, edge.Addresses.Count);
    }

    private string NewHome() => Path.Combine(Edge.Home, "other");
}
