using System.Net;
using System.Net.Sockets;
using Wherry.Cli.Supervision;
using Wherry.Cli.Up;
using Wherry.Core.Problems;

namespace Wherry.Cli.Tests.Up;

public sealed class TlsPortTests : IDisposable
{
    private readonly TempFolder _home = A.Folder();

    public TlsPortTests() => Directory.CreateDirectory(Path.Combine(_home.Path, "edge"));

    private HomeFiles Files => new(_home.Path);

    public void Dispose() => _home.Dispose();

    [Fact]
    public void A_port_for_tls_that_was_asked_for_is_kept_until_another_is_asked_for()
    {
        var (plain, one, two) = (FreePort(), FreePort(), FreePort());

        Assert.Equal((one, false), Told(Listeners.Choose(Files, plain, one))); // nothing runs yet
        Assert.Equal((one, false), Told(Listeners.Choose(Files, null, null)));
        Assert.Equal((two, true), Told(Listeners.Choose(Files, null, two)));
        Assert.Equal([$"0.0.0.0:{two}", $"[::]:{two}"], Remembered.EdgeListenTls(_home.Path));
        Assert.Equal((null, true), Told(Listeners.Choose(Files, null, 0)));
        Assert.Equal((null, false), Told(Listeners.Choose(Files, null, null)));
        Assert.Empty(Remembered.EdgeListenTls(_home.Path));
        Assert.Equal((one, true), Told(Listeners.Choose(Files, null, one)));
    }

    [Fact]
    public void Beside_another_port_than_80_there_is_none_unless_it_is_asked_for()
    {
        var chosen = Listeners.Choose(Files, FreePort(), null);

        Assert.Null(chosen.Tls.Port);
        Assert.Contains("--tls-port", chosen.Tls.Why!, StringComparison.Ordinal);
        Assert.False(File.Exists(Remembered.EdgeListenTlsFile(_home.Path)));
    }

    [Fact]
    public void Port_443_is_taken_when_it_is_free_and_stops_nothing_when_it_is_not()
    {
        var free = Listeners.CanBind(443);

        Assert.Equal(free ? 443 : null, TlsPort.Choose(Files, null, 80).Port);
        Assert.Equal(free, File.Exists(Remembered.EdgeListenTlsFile(_home.Path)));

        using var other = Take443();
        var now = TlsPort.Choose(Files, null, 80);
        Assert.Equal((null, free), (now.Port, now.Changed)); // what was chosen before is given up, not insisted on
        Assert.Contains("belongs to another program", now.Why!, StringComparison.Ordinal);
        Assert.False(File.Exists(Remembered.EdgeListenTlsFile(_home.Path)));
    }

    [Fact]
    public void A_taken_port_that_was_asked_for_is_refused_and_nothing_changes()
    {
        using var other = new TcpListener(IPAddress.Any, 0);
        other.Start();
        var taken = ((IPEndPoint)other.LocalEndpoint).Port;

        Assert.Equal("edge/port-taken", Assert.Throws<ProblemException>(() => Listeners.Choose(Files, FreePort(), taken)).Problem.Code);
        Assert.Empty(Remembered.EdgeListen(_home.Path));
        Assert.False(File.Exists(Remembered.EdgeListenTlsFile(_home.Path)));
    }

    [Fact]
    public void One_port_does_not_serve_both()
    {
        var port = FreePort();

        Assert.Equal("edge/port-taken", Assert.Throws<ProblemException>(() => Listeners.Choose(Files, port, port)).Problem.Code);
    }

    [Fact]
    public void CR_01_A_remembered_port_that_cannot_be_read_is_told_and_replaced_only_when_another_is_asked_for()
    {
        var (plain, tls) = (FreePort(), FreePort());
        Listeners.Choose(Files, plain, null);
        File.WriteAllText(Remembered.EdgeListenTlsFile(_home.Path), "port 443");

        Assert.Equal("up/listen-file", Assert.Throws<ProblemException>(() => Listeners.Choose(Files, null, null)).Problem.Code);
        Assert.Equal((tls, true), Told(Listeners.Choose(Files, null, tls)));
    }

    [Fact]
    public void The_keeper_holds_the_sockets_for_tls_too()
    {
        var (plain, tls) = (FreePort(), FreePort());
        Listeners.Choose(Files, plain, tls);
        using var sockets = new EdgeSockets(Files);

        sockets.Hold();

        Assert.All([plain, tls], port => Assert.False(Listeners.CanBind(port)));
        using var visitor = new TcpClient();
        visitor.Connect(IPAddress.Loopback, tls); // waits in the kernel's queue for an edge
    }

    [Fact]
    public void The_keeper_holds_the_ports_of_services_until_they_give_them_up()
    {
        var (plain, port) = (FreePort(), FreePort());
        Listeners.Choose(Files, plain, null);
        var state = Path.Combine(_home.Path, "edge", "state.json");
        File.WriteAllText(state, $$$"""{"version":1,"services":[{"key":"shop.production.db","service":{"routes":[],"tcp":[{"listen":{{{port}}},"port":5432}],"targets":[],"probe":{}},"mode":"Running","maxWait":"00:00:00"}]}""");
        using var sockets = new EdgeSockets(Files);

        sockets.Hold();
        using (var visitor = new TcpClient())
        {
            visitor.Connect(IPAddress.Loopback, port);
        }

        File.Delete(state);
        sockets.Hold();
        Assert.True(Listeners.CanBind(port));
        Assert.False(Listeners.CanBind(plain));
    }

    private static (int? Tls, bool Changed) Told(Listeners chosen) => (chosen.Tls.Port, chosen.Changed);

    /// <summary>Holds the port, unless somebody on this machine does.</summary>
    private static TcpListener? Take443()
    {
        var listener = new TcpListener(IPAddress.Any, 443);
        try
        {
            listener.Start();
            return listener;
        }
        catch (SocketException)
        {
            listener.Dispose();
            return null;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Any, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
