using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text;
using Wherry.Core.Routing;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Proxying;

/// <summary>WebSockets between implementations of different houses: Debian's <c>python3-websockets</c>, which <c>./test</c> installs, and .NET's.</summary>
public sealed class WebSocketPeerTests : OnAnEdge
{
    private const string Address = "127.77.200.1";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task KP_067_A_service_of_another_house_speaks_compressed_with_pings_pieces_and_codes(int version)
    {
        var port = Backend.FreePort();
        using var service = Launch("serve", Address, port.ToString(CultureInfo.InvariantCulture));
        Assert.Equal("serves", await service.StandardOutput.ReadLineAsync(Ct));
        await Edge.Control.PutAsync(new() { Routes = [A.Route(port)], Targets = [new Target("peer", Address)], Probe = A.Probe }, Ct);

        using (var socket = await WebSocketEcho.ConnectAsync(Edge, "/", version, o => o.DangerousDeflateOptions = new()))
        {
            Assert.Equal("['permessage-deflate']", await WebSocketEcho.AskAsync(socket, "compressed?"));
            Assert.Equal("ponged", await WebSocketEcho.AskAsync(socket, "ping me"));
            Assert.Equal("in pieces", await WebSocketEcho.AskWholeAsync(socket, "in pieces"));
            var much = string.Concat(Enumerable.Range(0, 60_000).Select(i => i.ToString(CultureInfo.InvariantCulture)));
            Assert.Equal(much, await WebSocketEcho.AskWholeAsync(socket, much));
            await socket.CloseAsync((WebSocketCloseStatus)4003, "enough", Ct);
        }

        Assert.Equal("closed 4003 enough", await service.StandardOutput.ReadLineAsync(Ct));
        foreach (var code in new[] { 1000, 1011, 3000, 4999 })
        {
            using var socket = await WebSocketEcho.ConnectAsync(Edge, "/", version);
            await socket.SendAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"close {code}")), WebSocketMessageType.Text, endOfMessage: true, Ct);
            Assert.Equal(WebSocketMessageType.Close, (await socket.ReceiveAsync(new byte[10], Ct)).MessageType);
            Assert.Equal((code, "why"), ((int)socket.CloseStatus!, socket.CloseStatusDescription));
        }

        service.Kill();
    }

    [Fact]
    public async Task KP_067_A_client_of_another_house_speaks_with_a_service_of_ours()
    {
        await using var web = await Backend.StartAsync("web1");
        web.On("/ws", WebSocketEcho.ServeAsync);
        await Edge.Control.PutAsync(A.Service(web), Ct);

        using var client = Launch("call", $"ws://{A.Host}/ws", Edge.Address.Address.ToString(), Edge.Address.Port.ToString(CultureInfo.InvariantCulture));
        var said = await client.StandardOutput.ReadToEndAsync(Ct);

        // The service answers a close with its own code and words, and they are what the client hears.
        Assert.Equal("called 1000 bye\n", said);
    }

    private static Process Launch(params string[] arguments) =>
        Process.Start(new ProcessStartInfo("/usr/bin/python3", [Script(), .. arguments]) { RedirectStandardOutput = true })!;

    private static string Script([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "websocket_peer.py");
}
