using Wherry.Core.Model;
using Wherry.Core.Routing;

namespace Wherry.Core.Tests.Routing;

public sealed class SecureHostsTests
{
    private static readonly TlsSettings Tls = new();

    [Fact]
    public void KP_030_Services_on_paths_of_a_host_inherit_what_the_one_at_its_root_says()
    {
        var hosts = new SecureHosts([("blog", [A.Route("a.test", "/blog")], null), ("web", [A.Route("a.test")], Tls), ("b", [A.Route("b.test")], null), ("api", [A.Route("b.test", "/api")], Tls)]);

        Assert.Same(Tls, hosts.Find(HostName.Parse("a.test")));
        Assert.Null(hosts.Find(HostName.Parse("b.test")));
        Assert.Null(hosts.Find(HostName.Parse("c.test")));
    }

    [Fact]
    public void A_wildcard_and_a_catch_all_are_found_by_themselves()
    {
        var hosts = new SecureHosts([("many", [A.Route("*.a.test")], Tls), ("rest", [new Route(null, PathPrefix.Root, 80)], null)]);

        Assert.Same(Tls, hosts.Find(HostName.Parse("*.a.test")));
        Assert.Same(Tls, hosts.Find(HostName.Parse("x.a.test")));
        Assert.Null(hosts.Find(null));
    }

    [Fact]
    public void Of_two_with_one_host_and_path_the_first_has_it()
    {
        var hosts = new SecureHosts([("one", [A.Route("a.test")], Tls), ("two", [A.Route("a.test")], null)]);

        Assert.Same(Tls, hosts.Find(HostName.Parse("a.test")));
    }

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("a.b.localhost", true)]
    [InlineData("wiki.internal", true)]
    [InlineData("*.localhost", true)]
    [InlineData("mylocalhost", false)]
    [InlineData("localhost.example.com", false)]
    public void Private_names_are_nobodys_on_the_internet(string name, bool isPrivate) => Assert.Equal(isPrivate, PrivateNames.Contains(name));

    [Theory]
    [InlineData("example.com", "example.com", true)]
    [InlineData("*.example.com", "www.example.com", true)]
    [InlineData("*.example.com", "*.example.com", true)]
    [InlineData("*.example.com", "a.b.example.com", false)]
    [InlineData("*.example.com", "example.com", false)]
    [InlineData("example.com", "www.example.com", false)]
    public void A_host_covers_itself_and_a_wildcard_one_level(string host, string name, bool covers) => Assert.Equal(covers, HostName.Parse(host).Covers(HostName.Parse(name)));
}
