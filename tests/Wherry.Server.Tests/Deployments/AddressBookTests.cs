using Wherry.Core.Model;
using Wherry.Core.Routing;
using Wherry.Server.Deployments;

namespace Wherry.Server.Tests.Deployments;

public sealed class AddressBookTests
{
    private static readonly ProjectModel Model = new()
    {
        Name = ProjectName.Parse("shop"),
        Services = new SortedDictionary<ServiceName, ServiceSpec>(Comparer<ServiceName>.Create((a, b) => string.CompareOrdinal(a.Value, b.Value)))
        {
            [ServiceName.Parse("blog")] = Service("blog", null, "shop.test/blog", "plain.test"),
            [ServiceName.Parse("web")] = Service("web", new(), "shop.test/", "*.shop.test/"),
        },
    };

    [Theory]
    [InlineData(80, 443, "https://shop.test/blog http://plain.test https://shop.test https://*.shop.test")]
    [InlineData(8080, 8443, "https://shop.test:8443/blog http://plain.test:8080 https://shop.test:8443 https://*.shop.test:8443")]
    [InlineData(80, null, "http://shop.test/blog http://plain.test http://shop.test http://*.shop.test")]
    public void Addresses_say_https_where_a_host_has_it_and_leave_the_usual_port_out(int plain, int? tls, string addresses) =>
        Assert.Equal(addresses, string.Join(' ', AddressBook.Of(Model, new EdgePorts(plain, tls))));

    [Fact]
    public void An_edge_that_does_not_answer_is_taken_to_have_the_usual_port() => Assert.Equal(new EdgePorts(80, null), EdgePorts.Of(null));

    [Fact]
    public void Ports_are_those_of_the_first_addresses() =>
        Assert.Equal(new EdgePorts(8080, 8443), EdgePorts.Of(new EdgeHealth("1", ["0.0.0.0:8080", "[::]:8080"], 0, ["[::]:8443"])));

    private static ServiceSpec Service(string name, TlsSettings? tls, params string[] routes) => new()
    {
        Name = ServiceName.Parse(name),
        Tls = tls,
        Routes = [.. routes.Select(r => r.Split('/', 2)).Select(r => new Route(HostName.Parse(r[0]), PathPrefix.Parse($"/{r.ElementAtOrDefault(1)}"), 80))],
    };
}
