using Wherry.Cli.Supervision;
using Wherry.Cli.Up;
using Wherry.Core.Problems;

namespace Wherry.Cli.Tests.Up;

public sealed class EdgeChoiceTests : IDisposable
{
    private readonly TempFolder _home = A.Folder();

    public EdgeChoiceTests() => Directory.CreateDirectory(Path.Combine(_home.Path, "edge"));

    private HomeFiles Files => new(_home.Path);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _home.Dispose();

    [Theory]
    [InlineData("http://127.0.0.1:1", "edge/proxy-away")]
    [InlineData("unix//nowhere/admin.sock", "edge/proxy-away")]
    [InlineData("ftp://localhost", "edge/proxy")]
    [InlineData("localhost:2019", "edge/proxy")]
    [InlineData("unix/relative.sock", "edge/proxy")]
    public async Task A_Caddy_that_cannot_be_driven_is_not_chosen(string admin, string code)
    {
        var problem = (await Assert.ThrowsAsync<ProblemException>(() => EdgeChoice.KeepAsync(Files, EdgeChoice.Caddy, admin, new(), Ct))).Problem;

        Assert.Equal(code, problem.Code);
        Assert.Null(Remembered.EdgeProxy(_home.Path));
    }

    [Fact]
    public async Task Without_a_word_who_takes_the_visitors_stays_who_it_was()
    {
        Assert.False(await EdgeChoice.KeepAsync(Files, null, null, new(), Ct));
        Assert.False(await EdgeChoice.KeepAsync(Files, EdgeChoice.Own, null, new(), Ct));
        Assert.Null(Remembered.EdgeProxy(_home.Path));

        await File.WriteAllTextAsync(Remembered.EdgeProxyFile(_home.Path), "caddy http://localhost:2020\n", Ct);
        Assert.False(await EdgeChoice.KeepAsync(Files, null, null, new(), Ct));
        Assert.Equal("caddy http://localhost:2020", Remembered.EdgeProxy(_home.Path));

        Assert.True(await EdgeChoice.KeepAsync(Files, EdgeChoice.Own, null, new(), Ct));
        Assert.Null(Remembered.EdgeProxy(_home.Path));
        Assert.Equal(["caddy http://localhost:2020"], Remembered.EdgeProxiesLeft(_home.Path));
    }

    [Fact]
    public void Where_there_is_no_home_yet_nothing_is_left()
    {
        var home = Path.Combine(_home.Path, "not", "there");

        Remembered.KeepPrivate(Remembered.EdgeProxyLeftFile(home), []);

        Assert.Empty(Remembered.EdgeProxiesLeft(home));
    }

    [Fact]
    public void Every_proxy_that_was_left_is_remembered_until_it_is_rid_of_the_visitors()
    {
        EdgeChoice.Keep(Files, "caddy");
        EdgeChoice.Keep(Files, "traefik /etc/traefik/wherry");
        EdgeChoice.Keep(Files, "traefik /etc/traefik/wherry");
        EdgeChoice.Keep(Files, null);

        Assert.Null(Remembered.EdgeProxy(_home.Path));
        Assert.Equal(["caddy", "traefik /etc/traefik/wherry"], Remembered.EdgeProxiesLeft(_home.Path));
    }

    [Theory]
    [InlineData("caddy", "caddy http://localhost:2019/", true)]
    [InlineData("caddy", "caddy http://localhost:2020", false)]
    [InlineData("traefik /etc/traefik/wherry", "traefik /etc/traefik/wherry asks=http://127.0.0.1", true)]
    [InlineData("traefik /etc/traefik/wherry", "traefik /srv/traefik", false)]
    [InlineData("caddy", null, false)]
    public void A_proxy_that_is_told_in_another_way_is_the_same_one(string one, string? other, bool same) => Assert.Equal(same, Wherry.Edge.EdgeProxies.AreTheSame(one, other));

    [Fact]
    public async Task What_is_for_one_proxy_is_refused_for_the_other()
    {
        EdgeChoice.Keep(Files, "traefik /etc/traefik/wherry");
        Assert.Equal("edge/proxy", (await Assert.ThrowsAsync<ProblemException>(() => EdgeChoice.KeepAsync(Files, null, "http://localhost:2019", new(), Ct))).Problem.Code);
        EdgeChoice.Keep(Files, "caddy");
        Assert.Equal("edge/proxy", (await Assert.ThrowsAsync<ProblemException>(() => EdgeChoice.KeepAsync(Files, null, null, new(Resolver: "le"), Ct))).Problem.Code);
        Assert.Equal("caddy", Remembered.EdgeProxy(_home.Path));
    }

    [Fact]
    public async Task The_ports_of_a_proxy_are_not_taken_for_somebody_elses()
    {
        using var other = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Any, 0);
        other.Start();
        var port = ((System.Net.IPEndPoint)other.LocalEndpoint).Port;
        Assert.Equal("edge/port-taken", Assert.Throws<ProblemException>(() => Listeners.Choose(Files, port, null)).Problem.Code);

        await File.WriteAllTextAsync(Remembered.EdgeProxyFile(_home.Path), "caddy\n", Ct);

        Assert.Equal(port, Listeners.Choose(Files, port, null).EdgePort);
    }
}
