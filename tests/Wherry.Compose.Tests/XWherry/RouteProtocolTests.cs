using Wherry.Core.Model;

namespace Wherry.Compose.Tests.XWherry;

public sealed class RouteProtocolTests
{
    [Theory]
    [InlineData("", RouteProtocol.Http1)]
    [InlineData(", protocol: http1", RouteProtocol.Http1)]
    [InlineData(", protocol: h2c", RouteProtocol.H2c)]
    [InlineData(", protocol: grpc", RouteProtocol.H2c)]
    public void A_route_says_what_its_port_speaks(string said, RouteProtocol protocol) =>
        Assert.Equal(protocol, Assert.Single(A.Service(A.Model($"services: {{ api: {{ image: x, x-wherry: {{ routes: [{{ host: a.b, port: 50051{said} }}] }} }} }}"), "api").Routes).Protocol);
}
