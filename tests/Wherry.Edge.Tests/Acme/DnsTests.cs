using System.Net;
using System.Net.Sockets;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Edge.Acme.Solving;
using Wherry.Edge.Tests.Acme.Rig;

namespace Wherry.Edge.Tests.Acme;

/// <summary>DNS-01 by dynamic updates of a real DNS server, which the authority asks.</summary>
public sealed class DnsTests : IAsyncLifetime
{
    private const string Name = "_acme-challenge.shop.test";

    private static readonly HostName Zone = HostName.Parse("shop.test");

    private Named _named = null!;

    public async ValueTask InitializeAsync() => _named = await Named.StartAsync();

    public ValueTask DisposeAsync() => _named.DisposeAsync();

    [Fact]
    public async Task A_wildcard_and_its_base_share_a_certificate_and_nothing_is_left_in_the_zone()
    {
        await using var pebble = await Pebble.StartAsync(new() { DnsPort = _named.Port, RejectedNonces = 50 });
        using var home = new TestHome();
        using var issuing = new Issuing(pebble.Options(home.Path), new DnsChallenges([new(Zone, Provider()) { SettleFor = TimeSpan.Zero }]));

        var certificate = await issuing.Orders.IssueAsync(Issuing.Names("shop.test", "*.shop.test", "*.dev.shop.test"), CancellationToken.None);

        Assert.Equal(["*.dev.shop.test", "*.shop.test", "shop.test"], Issuing.NamesIn(certificate));
        Assert.Equal(2, _named.Added("_acme-challenge.shop.test"));
        Assert.Equal(1, _named.Added("_acme-challenge.dev.shop.test"));
        Assert.False(await _named.HasAsync("_acme-challenge.shop.test"));
        Assert.False(await _named.HasAsync("_acme-challenge.dev.shop.test"));
    }

    [Fact]
    public async Task Values_stand_side_by_side_and_changes_are_idempotent()
    {
        await Provider().AddAsync(Text("other"), CancellationToken.None);
        for (var i = 0; i < 2; i++)
        {
            await Provider().AddAsync(Text("value"), CancellationToken.None);
        }

        Assert.True(await _named.HasAsync(Name, "value"));
        for (var i = 0; i < 2; i++)
        {
            await Provider().RemoveAsync(Text("value"), CancellationToken.None);
        }

        Assert.False(await _named.HasAsync(Name, "value"));
        Assert.True(await _named.HasAsync(Name, "other"));
    }

    [Fact]
    public async Task A_wrong_key_a_foreign_zone_and_a_wrong_clock_are_told_apart()
    {
        Assert.Contains("NOTAUTH", await RefusedAsync(_named.Options with { Key = new("wherry", new byte[32]) }, Text("v")));
        Assert.Contains("NOTAUTH", await RefusedAsync(_named.Options with { Key = _named.Key with { Name = "nobody" } }, Text("v")));
        Assert.Contains("NOTAUTH", await RefusedAsync(_named.Options, new(HostName.Parse("other.test"), "_acme-challenge.other.test", "v")));
        Assert.Contains("NOTZONE", await RefusedAsync(_named.Options, Text("v") with { Name = "_acme-challenge.other.test" }));
        Assert.Contains("NOTAUTH", await RefusedAsync(_named.Options, Text("v"), new ShiftedTime(DateTimeOffset.UtcNow.AddHours(-1))));
        Assert.False(await _named.HasAsync(Name));
    }

    [Fact]
    public async Task A_server_that_answers_only_over_tcp_is_updated_over_tcp()
    {
        using var deaf = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        using var front = new TcpListener(IPAddress.Loopback, 0);
        front.Start();
        deaf.Bind(front.LocalEndpoint);
        var port = ((IPEndPoint)front.LocalEndpoint).Port;
        var relay = Task.Run(async () =>
        {
            using var client = await front.AcceptTcpClientAsync();
            using var server = new TcpClient();
            await server.ConnectAsync(IPAddress.Loopback, _named.Port);
            await Task.WhenAny(client.GetStream().CopyToAsync(server.GetStream()), server.GetStream().CopyToAsync(client.GetStream()));
        });

        await new DnsUpdate(_named.Options with { Port = port, AnswerWithin = TimeSpan.FromSeconds(1) }, TimeProvider.System).AddAsync(Text("over-tcp"), CancellationToken.None);
        await relay;

        Assert.True(await _named.HasAsync(Name, "over-tcp"));
    }

    [Fact]
    public async Task Only_a_signed_answer_counts()
    {
        using var liar = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        liar.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var lying = Task.Run(async () =>
        {
            var buffer = new byte[4096];
            var heard = await liar.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0));
            byte[] answer = [buffer[0], buffer[1], 0xA8, 0, 0, 0, 0, 0, 0, 0, 0, 0];
            await liar.SendToAsync(answer, heard.RemoteEndPoint);
        });

        var refused = await RefusedAsync(_named.Options with { Port = ((IPEndPoint)liar.LocalEndPoint!).Port }, Text("v"));
        await lying;

        Assert.Contains("not signed", refused);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(11)]
    [InlineData(13)]
    [InlineData(40)]
    public void A_cut_answer_is_no_answer(int length)
    {
        var bytes = new byte[length];
        Array.Fill(bytes, (byte)0xFF, 2, Math.Max(0, length - 2));

        Assert.Throws<FormatException>(() => DnsMessage.ReadAnswer(bytes, 0, [], _named.Key, DateTimeOffset.UtcNow));
    }

    [Fact]
    public async Task A_server_that_is_away_leaves_the_order_for_the_next_attempt()
    {
        await using var pebble = await Pebble.StartAsync(new() { DnsPort = _named.Port });
        using var home = new TestHome();
        var names = Issuing.Names("*.shop.test");
        var away = new DnsUpdate(_named.Options with { Port = Wherry.Edge.Tests.Rig.Backend.FreePort(), AnswerWithin = TimeSpan.FromMilliseconds(300) }, TimeProvider.System);
        using (var issuing = new Issuing(pebble.Options(home.Path), new DnsChallenges([new(Zone, away) { SettleFor = TimeSpan.Zero }])))
        {
            var refused = await Assert.ThrowsAsync<ProblemException>(() => issuing.Orders.IssueAsync(names, CancellationToken.None));
            Assert.Equal("acme/dns-provider", refused.Problem.Code);
        }

        using var again = new Issuing(pebble.Options(home.Path), new DnsChallenges([new(Zone, Provider()) { SettleFor = TimeSpan.Zero }]));
        await again.Orders.IssueAsync(names, CancellationToken.None);

        Assert.Equal(1, pebble.Orders);
    }

    private DnsUpdate Provider() => new(_named.Options, TimeProvider.System);

    private static DnsText Text(string value) => new(Zone, Name, value);

    private static async Task<string> RefusedAsync(DnsUpdateOptions options, DnsText text, TimeProvider? time = null) =>
        (await Assert.ThrowsAsync<ProblemException>(() => new DnsUpdate(options, time ?? TimeProvider.System).AddAsync(text, CancellationToken.None))).Problem.Message;
}
