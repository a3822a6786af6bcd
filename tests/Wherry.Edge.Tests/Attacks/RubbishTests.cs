using System.Buffers;
using System.Text;
using Wherry.Edge.Listening;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Attacks;

/// <summary>Bytes that nobody meant: from clients to what reads first bytes, and from targets.</summary>
public sealed class RubbishTests : OnAnEdge
{
    private static readonly byte[][] Introductions =
    [
        Encoding.ASCII.GetBytes("PROXY TCP4 203.0.113.7 192.0.2.1 4711 443\r\n"),
        Encoding.ASCII.GetBytes("PROXY TCP6 2001:db8::7 2001:db8::1 4711 443\r\n"),
        Encoding.Latin1.GetBytes("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xcb\0\x71\x07\xc0\0\x02\x01\x12\x67\x15\x38"),
        [.. Encoding.Latin1.GetBytes("\r\n\r\n\0\r\nQUIT\n\x21\x21\0\x24"), .. new byte[36]],
    ];

    /// <summary>A hello with the ALPN extension <c>acme-tls/1</c> alone.</summary>
    private static readonly byte[] Hello = MakeHello();

    [Fact]
    public void An_introduction_that_is_cut_anywhere_asks_for_more_and_is_never_misread()
    {
        foreach (var whole in Introductions)
        {
            for (var length = 0; length < whole.Length; length++)
            {
                Assert.Equal(0, ProxyProtocol.Read(new ReadOnlySequence<byte>(whole, 0, length)).Length);
            }

            Assert.Equal(whole.Length, ProxyProtocol.Read(new ReadOnlySequence<byte>([.. whole, .. "rest"u8])).Length);
        }
    }

    [Fact]
    public void No_bytes_at_all_make_the_reader_of_introductions_fail()
    {
        var random = new Random(7);
        for (var i = 0; i < 200_000; i++)
        {
            var bytes = Mutated(random, Introductions[random.Next(Introductions.Length)]);
            var (length, client) = ProxyProtocol.Read(new ReadOnlySequence<byte>(bytes));

            Assert.InRange(length, -1, bytes.Length);
            Assert.True(client is null || length > 0);
        }
    }

    [Fact]
    public void A_hello_that_is_cut_anywhere_asks_for_more_and_no_bytes_make_its_reader_fail()
    {
        for (var length = 0; length < Hello.Length; length++)
        {
            Assert.Null(AcmeHello.OffersAcmeAlone(Hello.AsSpan(0, length)));
        }

        Assert.True(AcmeHello.OffersAcmeAlone(Hello));
        var random = new Random(7);
        for (var i = 0; i < 200_000; i++)
        {
            AcmeHello.OffersAcmeAlone(Mutated(random, Hello));
        }
    }

    [Theory]
    [InlineData("\0\u0001\u0002\u0003 rubbish\r\n\r\n")]
    [InlineData("HTTP/1.1 abc Strange\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nNo colon\r\n\r\n")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    public async Task A_target_that_answers_rubbish_gives_502_and_the_others_are_served(string rubbish)
    {
        await using var broken = TcpReplica.Start("web1", serve: async (stream, ct) =>
        {
            await stream.ReadAtLeastAsync(new byte[4096], 20, throwOnEndOfStream: false, ct);
            await stream.WriteAsync(Encoding.Latin1.GetBytes(rubbish), ct);
        });
        await using var web = await Backend.StartAsync("web2");
        await Edge.Control.PutAsync(TcpReplica.Service(0, broken) with { Tcp = null, Routes = [A.Route(broken.Port)] }, Ct);
        await Edge.Control.PutAsync("shop.production.other", A.Service(web) with { Routes = [A.Route(web.Port, "other.test")] }, Ct);

        Assert.Equal(502, await Edge.StatusAsync("/"));
        Assert.Equal("web2", await Edge.GetAsync("http://other.test/"));
    }

    /// <summary>Some bytes others, cut or longer; now and then nothing but chance.</summary>
    private static byte[] Mutated(Random random, byte[] whole)
    {
        if (random.Next(4) == 0)
        {
            var chance = new byte[random.Next(300)];
            random.NextBytes(chance);
            return chance;
        }

        var bytes = whole[..random.Next(whole.Length + 1)].Concat(new byte[random.Next(3) == 0 ? random.Next(200) : 0]).ToArray();
        for (var i = random.Next(4); i > 0 && bytes.Length > 0; i--)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }

        return bytes;
    }

    private static byte[] MakeHello()
    {
        byte[] alpn = [0, 16, 0, 13, 0, 11, 10, .. "acme-tls/1"u8];
        byte[] body = [3, 3, .. new byte[32], 0, 0, 2, 0x13, 1, 1, 0, (byte)(alpn.Length >> 8), (byte)alpn.Length, .. alpn];
        byte[] message = [1, 0, (byte)(body.Length >> 8), (byte)body.Length, .. body];
        return [22, 3, 1, (byte)(message.Length >> 8), (byte)message.Length, .. message];
    }
}
