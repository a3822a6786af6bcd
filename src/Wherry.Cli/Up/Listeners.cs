using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Wherry.Cli.Supervision;
using Wherry.Core.Problems;

namespace Wherry.Cli.Up;

/// <summary>Where edge and API listen: chosen on the first run and kept, so that addresses stay what they were.</summary>
/// <param name="EdgePort">Port for traffic.</param>
/// <param name="Changed">What runs must be started again to listen there.</param>
internal sealed record Listeners(int EdgePort, bool Changed)
{
    private const int UsualApiPort = 7070;

    /// <param name="asked">The port that was asked for.</param>
    /// <exception cref="ProblemException"><c>edge/port-taken</c>.</exception>
    public static Listeners Choose(HomeFiles files, int? asked)
    {
        ChooseApi(files.Home);
        var known = KnownPort(files.Home);
        if (known is { } kept && (asked is null || asked == kept))
        {
            return new(kept, Changed: false);
        }

        var port = asked ?? new int?[] { 80, 8080 }.FirstOrDefault(p => CanBind(p!.Value))
            ?? throw new Problem("edge/port-taken", "Neither port 80 nor port 8080 is free for the edge.", "Stop what listens there (`ss -ltnp`), or choose another: `wherry up --port N`.").AsException();
        if (!CanBind(port))
        {
            throw new Problem("edge/port-taken", $"Port {port} is not free for the edge.", "Stop what listens there (`ss -ltnp`), or choose another: `wherry up --port N`.").AsException();
        }

        Keep(Remembered.EdgeListenFile(files.Home), $"0.0.0.0:{port}\n[::]:{port}\n");
        return new(port, Changed: known is not null);
    }

    private static void ChooseApi(string home)
    {
        if (Remembered.ApiListen(home) is null)
        {
            var port = CanBind(UsualApiPort) ? UsualApiPort : FreePort();
            Keep(Remembered.ApiListenFile(home), string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}\n"));
        }
    }

    private static int? KnownPort(string home) => Remembered.EdgeListen(home) is [var first, ..] && IPEndPoint.TryParse(first, out var endpoint) ? endpoint.Port : null;

    internal static bool CanBind(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // As the edge will: what a closed connection left behind does not count as taken.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            socket.Listen();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static void Keep(string file, string text)
    {
        File.WriteAllText(file + ".new", text);
        File.Move(file + ".new", file, overwrite: true);
    }
}
