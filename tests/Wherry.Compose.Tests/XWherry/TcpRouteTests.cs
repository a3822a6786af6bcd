using Wherry.Core.Model;

namespace Wherry.Compose.Tests.XWherry;

public sealed class TcpRouteTests
{
    [Fact]
    public void A_port_is_both_ports_or_two_of_them_or_a_mapping()
    {
        var db = A.Service(A.Model("services: { db: { image: postgres, x-wherry: { tcp: [5432, '15432:5433', { listen: 6432, port: 5434, address: '::1', silent_for: 2d, max_connections: 7, send_proxy: 2 }] } } }"), "db");

        Assert.Equal([new(5432, 5432), new(15432, 5433), new(6432, 5434) { Address = "::1", SilentFor = TimeSpan.FromDays(2), MaxConnections = 7, SendProxy = 2 }], db.Tcp!);
        Assert.True(db.IsRouted());
        Assert.Empty(db.Routes);
    }

    [Theory]
    [InlineData("expose: [5432],", 5432)]
    [InlineData("expose: [5432, 9187],", 15432)]
    public void Without_a_port_it_is_the_only_one_that_is_exposed_or_that_of_the_edge(string expose, int port) =>
        Assert.Equal([new(15432, port)], A.Service(A.Model($"services: {{ db: {{ image: postgres, {expose} x-wherry: {{ tcp: [{{ listen: 15432 }}] }} }} }}"), "db").Tcp!);

    [Fact]
    public void The_check_of_a_service_with_ports_alone_is_for_the_first_of_them() =>
        Assert.Equal(5432, A.Service(A.Model("services: { db: { image: postgres, x-wherry: { tcp: ['15432:5432', 6432], health: { interval: 2s } } } }"), "db").Health!.Port);

    [Theory]
    [InlineData("tcp: [http]", "is not a port, nor two")]
    [InlineData("tcp: ['1:2:3']", "is not a port, nor two")]
    [InlineData("tcp: [70000]", "is not a port, nor two")]
    [InlineData("tcp: [{ port: 5432 }]", "needs listen")]
    [InlineData("tcp: [{ listen: 5432, address: db.internal }]", "is not an IP address")]
    [InlineData("tcp: [{ listen: 5432, silent_for: 1ms }]", "10ms")]
    public void What_is_wrong_is_named(string extension, string says) =>
        Assert.Contains(says, A.Problem($"services: {{ db: {{ image: postgres, x-wherry: {{ {extension} }} }} }}").Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("services: { a: { image: x, x-wherry: { tcp: [5432] } }, b: { image: x, x-wherry: { tcp: ['5432:1'] } } }")]
    [InlineData("services: { a: { image: x, x-wherry: { tcp: [5432, '5432:1'] } } }")]
    public void A_port_of_the_edge_leads_to_one_service(string file)
    {
        var problem = A.Problem(file);

        Assert.Equal("compose/route-taken", problem.Code);
        Assert.Contains("port 5432 of the edge", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_needs_no_new_container()
    {
        var plain = new ServiceSpec { Name = ServiceName.Parse("db") };

        Assert.Equal(SpecHash.Of(plain), SpecHash.Of(plain with { Tcp = [new(5432, 5432)] }));
    }
}
