using System.Diagnostics;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Tcp;

/// <summary>A load balancer in front of the edge says whose connection it is, and the service is told.</summary>
public sealed class TcpIntroductionTests : OnAnEdge
{
    private readonly int _port = Backend.FreePort();

    [Theory]
    [InlineData("PROXY TCP4 203.0.113.7 192.0.2.1 4711 5432\r\n", "PROXY TCP4 203.0.113.7 127.0.0.1 4711")]
    [InlineData("PROXY TCP6 2001:db8::7 2001:db8::1 4711 5432\r\n", "PROXY TCP6 2001:db8::7 ::ffff:127.0.0.1 4711")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xcb\0\x71\x07\xc0\0\x02\x01\x12\x67\x15\x38", "PROXY TCP4 203.0.113.7 127.0.0.1 4711")]
    public async Task Whose_connection_it_is_reaches_the_service(string header, string told)
    {
        await using var db = TcpReplica.Start("db1");
        await Edge.Control.PutAsync(TcpReplica.Service(_port, db) with { Tcp = [new(_port, db.Port) { SendProxy = 1 }] }, Ct);
        using var visitor = await TcpVisitor.ConnectAsync(_port);
        foreach (var part in header.Chunk(9)) // as a network may cut it
        {
            await visitor.SendAsync(new string(part));
            await Task.Delay(5, Ct);
        }

        await visitor.SendAsync("hello\n");

        Assert.Equal("db1", await visitor.LineAsync());
        Assert.Equal($"{told} {_port}\r", await visitor.LineAsync());
        Assert.Equal("hello", await visitor.LineAsync());
    }

    [Theory]
    [InlineData("hello, I am no load balancer\n")]
    [InlineData("PROXY TCP4 999.0.113.7 192.0.2.1 4711 5432\r\n")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\x31\x11\0\x0c")]
    public async Task A_load_balancer_that_does_not_say_it_is_broken_off(string rubbish)
    {
        await using var db = TcpReplica.Start("db1");
        await Edge.Control.PutAsync(TcpReplica.Service(_port, db), Ct);
        using var visitor = await TcpVisitor.ConnectAsync(_port);

        await visitor.SendAsync(rubbish);

        Assert.Null(await visitor.RestAsync());
        Assert.Contains("end=\"malformed\"} 1", await Edge.Control.MetricsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_says_nothing_is_given_up_after_five_seconds()
    {
        await using var db = TcpReplica.Start("db1");
        await Edge.Control.PutAsync(TcpReplica.Service(_port, db), Ct);
        using var visitor = await TcpVisitor.ConnectAsync(_port);

        var watch = Stopwatch.StartNew();
        Assert.Null(await visitor.RestAsync());

        Assert.InRange(watch.ElapsedMilliseconds, 4500, 9000);
    }

    protected override EdgeOptions Options(EdgeOptions defaults) => defaults with { ProxyProtocolFrom = ["127.0.0.1"] };
}
