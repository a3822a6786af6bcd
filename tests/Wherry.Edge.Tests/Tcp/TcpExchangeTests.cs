using System.Net;
using System.Net.Sockets;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Tcp;

/// <summary>The edge is exchanged while clients knock at a TCP route: none is refused, since another process holds the port.</summary>
[Collection(Alone.Name)]
public sealed class TcpExchangeTests : IDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("wherry-edge-");
    private readonly int _port = Backend.FreePort();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _home.Delete(recursive: true);

    [Fact]
    public async Task KP_104_New_connections_wait_while_the_edge_is_exchanged_and_none_is_refused()
    {
        using var held = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        held.Bind(new IPEndPoint(IPAddress.Loopback, _port));
        await using var db = TcpReplica.Start("db1");
        held.Listen(4096);
        var edge = await EdgeProcess.StartAsync(_home.FullName);
        await edge.DisposeAsync();
        await File.WriteAllTextAsync(Path.Combine(_home.FullName, "state.json"), State(db), Ct);
        edge = await EdgeProcess.StartAsync(_home.FullName, holder: Environment.ProcessId);
        using var stop = new CancellationTokenSource();
        var answers = 0;
        var knocking = Task.Run(
            async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    Assert.Equal("db1", await TcpVisitor.AskAsync(_port));
                    Interlocked.Increment(ref answers);
                }
            },
            Ct);

        for (var exchange = 0; exchange < 3; exchange++)
        {
            var before = answers;
            await Eventually.TrueAsync(() => answers >= before + 100 || knocking.IsFaulted);
            await edge.TerminateAsync();
            Assert.Equal(0, (await edge.ExitAsync()).Code);
            await edge.DisposeAsync();
            edge = await EdgeProcess.StartAsync(_home.FullName, holder: Environment.ProcessId);
        }

        var last = answers;
        await Eventually.TrueAsync(() => answers >= last + 100 || knocking.IsFaulted);
        await stop.CancelAsync();
        await knocking;

        // A port that its service gives up is closed, though this process holds it too.
        await edge.Control.DeleteAsync();
        await Assert.ThrowsAsync<SocketException>(() => TcpVisitor.ConnectAsync(_port));
        await edge.Control.PutAsync(TcpReplica.Service(_port, db), Ct);
        Assert.Equal("db1", await TcpVisitor.AskAsync(_port));
        await edge.DisposeAsync();
    }

    private string State(TcpReplica db) =>
        $$$"""{"version":1,"services":[{"key":"{{{A.Key}}}","service":{"routes":[],"tcp":[{"listen":{{{_port}}},"port":{{{db.Port}}}}],"targets":[{"id":"db1","address":"{{{db.Address}}}"}],"probe":{"interval":"00:00:01"}},"mode":"Running","maxWait":"00:00:00"}]}""";
}
