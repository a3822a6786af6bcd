using System.Text.Json;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Core.Routing;

namespace Wherry.Core.Tests.Routing;

public sealed class EdgeServiceRulesTests
{
    private static readonly EdgeService Good = new()
    {
        Routes = [new(HostName.Parse("shop.test"), PathPrefix.Root, 80)],
        Targets = [new("web-1", "10.0.0.2"), new("web-2", "fd00::2")],
    };

    public static TheoryData<string, EdgeService> Wrong() => new()
    {
        { "routes: at least one", Good with { Routes = [] } },
        { "routes: at least one", Good with { Routes = null! } },
        { "routes[0].path", Good with { Routes = [null!] } },
        { "routes[0].port", Good with { Routes = [new(null, PathPrefix.Root, 0)] } },
        { "targets: are missing", Good with { Targets = null! } },
        { "targets[0].id", Good with { Targets = [new("a b", "10.0.0.2")] } },
        { "targets[0].id", Good with { Targets = [null!] } },
        { "targets[0].address", Good with { Targets = [new("a", "shop.test")] } },
        { "targets[1]: a", Good with { Targets = [new("a", "10.0.0.2"), new("a", "10.0.0.3")] } },
        { "targets[1]: b", Good with { Targets = [new("a", "10.0.0.2"), new("b", "10.0.0.2")] } },
        { "probe: is missing", Good with { Probe = null! } },
        { "probe.path", Good with { Probe = new() { Path = "up" } } },
        { "probe.path", Good with { Probe = new() { Path = "/up\r\nX: y" } } },
        { "probe.host", Good with { Probe = new() { Host = "a\r\nb" } } },
        { "probe.port", Good with { Probe = new() { Port = 70000 } } },
        { "probe.interval", Good with { Probe = new() { Interval = TimeSpan.Zero } } },
        { "probe.timeout", Good with { Probe = new() { Timeout = TimeSpan.FromSeconds(-1) } } },
        { "probe.deadline", Good with { Probe = new() { Deadline = TimeSpan.FromDays(3) } } },
        { "drainFor", Good with { DrainFor = TimeSpan.FromSeconds(-1) } },
        { "maxBodyBytes", Good with { MaxBodyBytes = -1 } },
        { "takesFrom: \"a b\"", Good with { TakesFrom = ["a.b.c", "a b"] } },
        { "takesFrom", Good with { TakesFrom = [null!] } },
        { "routes: at least one", Good with { Routes = null!, Tcp = [new(5432, 5432)] } },
        { "tcp[0]: is missing", Good with { Tcp = [null!] } },
        { "tcp[0].listen: 0", Good with { Tcp = [new(0, 5432)] } },
        { "tcp[0].port: 65536", Good with { Tcp = [new(5432, 65536)] } },
        { "tcp[1].listen: 5432 is named twice", Good with { Tcp = [new(5432, 1), new(5432, 2)] } },
        { "tcp[0].address: \"here\"", Good with { Tcp = [new(5432, 5432) { Address = "here" }] } },
        { "tcp[0].silent_for", Good with { Tcp = [new(5432, 5432) { SilentFor = TimeSpan.Zero }] } },
        { "tcp[0].max_connections: 0", Good with { Tcp = [new(5432, 5432) { MaxConnections = 0 }] } },
        { "tcp[0].send_proxy: 3", Good with { Tcp = [new(5432, 5432) { SendProxy = 3 }] } },
        { "routes[0].request_headers", Good with { Routes = [new(null, PathPrefix.Root, 80) { Rules = new() { RequestHeaders = new() { Set = null! } } }] } },
        { "routes[0].response_headers", Good with { Routes = [new(null, PathPrefix.Root, 80) { Rules = new() { ResponseHeaders = new() { Remove = null! } } }] } },
        { "split.targets: are missing", Good with { Split = new() { Targets = null! } } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void KP_100_A_wrong_value_is_named(string says, EdgeService service)
    {
        var problem = Assert.Throws<ProblemException>(() => EdgeServiceRules.Check("a.production.web", service)).Problem;

        Assert.Equal("edge/service", problem.Code);
        Assert.Contains(says, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_has_become_stricter_does_not_lock_out_what_was_taken_before()
    {
        var costly = Good with { Routes = [new(null, PathPrefix.Root, 80) { Rules = new() { BasicAuth = new Dictionary<string, string> { ["ann"] = $"$2y$15${new string('a', 53)}" } } }] };

        Assert.Throws<ProblemException>(() => EdgeServiceRules.Check("a.production.web", costly));
        EdgeServiceRules.Check("a.production.web", costly, kept: true);
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("../b")]
    [InlineData("")]
    [InlineData("a\"b")]
    public void KP_065_A_key_with_illegal_characters_is_refused(string key) =>
        Assert.Equal("edge/key", Assert.Throws<ProblemException>(() => EdgeServiceRules.Check(key, Good)).Problem.Code);

    [Fact]
    public void All_wrong_values_are_told_at_once()
    {
        var problem = Assert.Throws<ProblemException>(() => EdgeServiceRules.Check("a", Good with { Routes = [], DrainFor = TimeSpan.MinValue, MaxBodyBytes = -1 })).Problem;

        Assert.Contains("routes", problem.Message, StringComparison.Ordinal);
        Assert.Contains("drainFor", problem.Message, StringComparison.Ordinal);
        Assert.Contains("maxBodyBytes", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void KP_102_What_the_JSON_leaves_out_has_its_default()
    {
        var read = JsonSerializer.Deserialize("""{"routes":[{"path":"/","port":80}],"targets":[],"probe":{"path":"/up"}}""", EdgeJson.Default.EdgeService)!;

        Assert.Equal(new Probe { Path = "/up" }, read.Probe);
        Assert.Equal(TimeSpan.FromSeconds(30), read.DrainFor);
        Assert.Equal(new Probe(), JsonSerializer.Deserialize("""{"routes":[],"targets":[]}""", EdgeJson.Default.EdgeService)!.Probe);
        Assert.False(read.Routes[0].StripPrefix);
    }

    [Fact]
    public void A_good_service_passes_and_survives_its_JSON()
    {
        EdgeServiceRules.Check("shop.production.web", Good);

        var back = JsonSerializer.Deserialize(JsonSerializer.Serialize(Good, EdgeJson.Default.EdgeService), EdgeJson.Default.EdgeService)!;

        Assert.Equal(Good.Routes, back.Routes);
        Assert.Equal(Good.Targets, back.Targets);
        Assert.Equal(Good.Probe, back.Probe);
    }
}
