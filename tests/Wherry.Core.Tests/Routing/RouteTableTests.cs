using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Core.Routing;

namespace Wherry.Core.Tests.Routing;

public sealed class RouteTableTests
{
    [Fact]
    public void An_empty_table_finds_nothing() => Assert.Null(RouteTable.Empty.Find("shop.test", "/"));

    [Theory]
    [InlineData("shop.test", "web")]
    [InlineData("SHOP.test", "web")]
    [InlineData("shop.test:8080", "web")]
    [InlineData("shop.test.", "web")]
    [InlineData("shop.test.:8080", "web")]
    [InlineData("[::1]:8080", null)]
    [InlineData("::1", null)]
    [InlineData("other.test", null)]
    [InlineData("", null)]
    [InlineData(".", null)]
    [InlineData(":", null)]
    public void KP_008_A_host_matches_whatever_its_port_and_case(string host, string? key) =>
        Assert.Equal(key, RouteTable.Empty.With("web", [Route("shop.test")]).Find(host, "/")?.Key);

    [Theory]
    [InlineData("a.shop.test", "wildcard")]
    [InlineData("exact.shop.test", "exact")]
    [InlineData("b.a.shop.test", null)]
    [InlineData("shop.test", null)]
    [InlineData(".shop.test", null)]
    public void KP_025_A_wildcard_covers_one_level_and_an_exact_host_beats_it(string host, string? key) =>
        Assert.Equal(key, RouteTable.Empty.With("wildcard", [Route("*.shop.test")]).With("exact", [Route("exact.shop.test")]).Find(host, "/")?.Key);

    [Theory]
    [InlineData("/", "root")]
    [InlineData("", "root")]
    [InlineData("/app", "app")]
    [InlineData("/app/", "app")]
    [InlineData("/app/x", "app")]
    [InlineData("/application", "root")]
    [InlineData("/App", "root")]
    [InlineData("/app/deep", "deep")]
    [InlineData("/app/deep/x/y", "deep")]
    [InlineData("/app/deeper", "app")]
    [InlineData("//app", "root")]
    [InlineData("/a b/c", "encoded")]
    public void KP_021_The_longest_prefix_of_whole_segments_wins(string path, string key)
    {
        var table = RouteTable.Empty
            .With("root", [Route("shop.test")])
            .With("app", [Route("shop.test", "/app")])
            .With("deep", [Route("shop.test", "/app/deep")])
            .With("encoded", [Route("shop.test", "/a%20b")]);

        Assert.Equal(key, table.Find("shop.test", path)?.Key);
    }

    [Fact]
    public void What_an_exact_host_does_not_cover_is_left_to_the_wildcard_and_then_to_routes_without_host()
    {
        var table = RouteTable.Empty
            .With("exact", [Route("a.shop.test", "/api")])
            .With("wildcard", [Route("*.shop.test", "/docs")])
            .With("any", [Route(null)]);

        Assert.Equal("exact", table.Find("a.shop.test", "/api")?.Key);
        Assert.Equal("wildcard", table.Find("a.shop.test", "/docs")?.Key);
        Assert.Equal("any", table.Find("a.shop.test", "/")?.Key);
    }

    [Fact]
    public void KP_018_A_claimed_host_and_path_is_refused_and_names_its_holder()
    {
        var table = RouteTable.Empty.With("a.production.web", [Route("shop.test", "/api")]);

        var problem = Assert.Throws<ProblemException>(() => table.With("b.production.web", [Route("new.test"), Route("shop.test", "/api")])).Problem;

        Assert.Equal("route/host-taken", problem.Code);
        Assert.Contains("shop.test/api", problem.Message, StringComparison.Ordinal);
        Assert.Contains("a.production.web", problem.Message, StringComparison.Ordinal);
        Assert.Null(table.Find("new.test", "/"));
    }

    [Fact]
    public void KP_019_Two_services_without_host_conflict() =>
        Assert.Throws<ProblemException>(() => RouteTable.Empty.With("a", [Route(null)]).With("b", [Route(null)]));

    [Fact]
    public void KP_029_Hosts_wildcards_and_no_host_do_not_take_each_other_away()
    {
        var table = RouteTable.Empty.With("any", [Route(null)]).With("wildcard", [Route("*.test")]).With("exact", [Route("shop.test")]);

        Assert.Equal("exact", table.Find("shop.test", "/")?.Key);
        Assert.Equal("wildcard", table.Find("other.test", "/")?.Key);
        Assert.Equal("any", table.Find("else.where", "/")?.Key);
    }

    [Fact]
    public void KP_017_A_host_that_was_given_up_can_be_claimed_by_another_service()
    {
        var table = RouteTable.Empty.With("a", [Route("shop.test")]).With("a", [Route("moved.test")]).With("b", [Route("shop.test")]);

        Assert.Equal("b", table.Find("shop.test", "/")?.Key);
        Assert.Equal("a", table.Find("moved.test", "/")?.Key);
    }

    [Fact]
    public void What_a_service_gives_up_is_claimed_by_another_and_only_that()
    {
        var table = RouteTable.Empty.With("a", [Route("shop.test"), Route("shop.test", "/api")]).With("b", [Route("*.test")]).With("c", [Route(null)]);

        var yielded = table.Yielding([Route("shop.test"), Route("*.test"), Route(null), Route("new.test")], ["a", "b", "unknown"]);

        Assert.Equal(["/api"], yielded.RoutesOf("a").Select(r => r.Path.Value));
        Assert.Empty(yielded.RoutesOf("b"));
        Assert.Equal("c", yielded.Find("shop.test", "/")?.Key);
        Assert.Equal("a", yielded.Find("shop.test", "/api")?.Key);
        Assert.Throws<ProblemException>(() => yielded.With("d", [Route(null)]));
    }

    [Fact]
    public void A_service_may_not_claim_a_place_twice()
    {
        var problem = Assert.Throws<ProblemException>(() => RouteTable.Empty.With("a", [Route("shop.test"), Route("shop.test")])).Problem;

        Assert.Equal("route/host-taken", problem.Code);
    }

    [Fact]
    public void A_change_leaves_the_earlier_table_as_it_was()
    {
        var before = RouteTable.Empty.With("a", [Route("shop.test", "/x/y")]);

        var after = before.With("b", [Route("shop.test", "/x")]).Without("a");

        Assert.Equal("a", before.Find("shop.test", "/x/y")?.Key);
        Assert.Equal("b", after.Find("shop.test", "/x/y")?.Key);
    }

    private static Route Route(string? host, string path = "/") => new(host is null ? null : HostName.Parse(host), PathPrefix.Parse(path), 80);
}
