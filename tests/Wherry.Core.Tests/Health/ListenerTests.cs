using Wherry.Core.Health;

namespace Wherry.Core.Tests.Health;

public sealed class ListenerTests
{
    private const string Heading = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

    [Theory]
    [InlineData("   0: 00000000:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1", "0.0.0.0:3000", false)]
    [InlineData("   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1", "127.0.0.1:8080", true)]
    [InlineData("   0: 020012AC:0050 00000000:0000 0A 0 0", "172.18.0.2:80", false)]
    [InlineData("   0: 00000000000000000000000000000000:0BB8 00000000000000000000000000000000:0000 0A 0", "[::]:3000", false)]
    [InlineData("   0: 00000000000000000000000001000000:0BB8 00000000000000000000000000000000:0000 0A 0", "[::1]:3000", true)]
    [InlineData("   0: 0000000000000000FFFF00000100007F:0BB8 00000000000000000000000000000000:0000 0A 0", "[::ffff:127.0.0.1]:3000", true)]
    public void A_listening_socket_is_read_from_the_kernels_table(string line, string shown, bool loopback)
    {
        var listener = Assert.Single(Listener.Parse(Heading + line + "\n"));

        Assert.Equal((shown, loopback), (listener.ToString(), listener.IsLoopback));
    }

    [Theory]
    [InlineData("   0: 0100007F:1F90 0100007F:C000 01 0 0")] // a connection
    [InlineData("   0: 0B00007F:9A3C 00000000:0000 0A 0 0")] // the engine's name server
    [InlineData("   0: nonsense 0 0A")]
    [InlineData("   0: 0100007G:1F90 00000000:0000 0A")]
    [InlineData("")]
    public void Everything_else_is_passed_over(string line) => Assert.Empty(Listener.Parse(Heading + line + "\n"));
}
