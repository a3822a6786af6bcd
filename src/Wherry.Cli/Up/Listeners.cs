using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Wherry.Cli.Supervision;
using Wherry.Core.Problems;

namespace Wherry.Cli.Up;

/// <summary>Where edge and API listen: chosen on the first run and kept, so that addresses stay what they were.</summary>
/// <param name="EdgePort">Port for traffic.</param>
/// <param name="Tls">Port for TLS.</param>
/// <param name="Changed">What runs must be started again to listen there.</param>
internal sealed record Listeners(int EdgePort, TlsPort Tls, bool Changed)
{
    private const int UsualApiPort = 7070;

    /// <param name="asked">The port that was asked for.</param>
    /// <param name="askedTls">The port for TLS that was asked for; 0: none.</param>
    /// <exception cref="ProblemException"><c>edge/port-taken</c>.</exception>
    public static Listeners Choose(HomeFiles files, int? asked, int? askedTls)
    {
        ChooseApi(files.Home);
        var isFirst = !File.Exists(Remembered.EdgeListenFile(files.Home));
        var (port, changed) = ChoosePlain(files, asked, askedTls);
        var tls = TlsPort.Choose(files, askedTls, port);
        return new(port, tls, changed || (tls.Changed && !isFirst));
    }

    private static (int Port, bool Changed) ChoosePlain(HomeFiles files, int? asked, int? askedTls)
    {
        var known = asked is not null && !IsWell(Remembered.EdgeListenFile(files.Home)) ? null : KnownPort(files.Home); // a port that was asked for replaces what cannot be read
        if (known is { } kept && (asked is null || asked == kept))
        {
            TlsPort.Check(files, askedTls, kept);
            return (kept, false);
        }

        var port = asked ?? new int?[] { 80, 8080 }.FirstOrDefault(p => IsFree(files, p!.Value))
            ?? throw new Problem("edge/port-taken", "Neither port 80 nor port 8080 is free for the edge.", "Stop what listens there (`ss -ltnp`), or choose another: `wherry up --port N`.").AsException();
        if (!IsFree(files, port))
        {
            throw new Problem("edge/port-taken", $"Port {port} is not free for the edge.", "Stop what listens there (`ss -ltnp`), or choose another: `wherry up --port N`.").AsException();
        }

        TlsPort.Check(files, askedTls, port);
        Keep(Remembered.EdgeListenFile(files.Home), $"0.0.0.0:{port}\n[::]:{port}\n");
        return (port, known is not null);
    }

    private static void ChooseApi(string home)
    {
        if (Known(Remembered.ApiListenFile(home)) is null)
        {
            var port = CanBind(UsualApiPort) ? UsualApiPort : FreePort();
            Keep(Remembered.ApiListenFile(home), string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}\n"));
        }
    }

    private static int? KnownPort(string home) => Known(Remembered.EdgeListenFile(home)) is { } first ? IPEndPoint.Parse(first).Port : null;

    /// <summary>The first address of the file; <see langword="null"/> when there is none yet.</summary>
    /// <exception cref="ProblemException"><c>up/listen-file</c>; the file is left as it is, since somebody may have meant something by it.</exception>
    internal static string? Known(string file) => !File.Exists(file) ? null
        : IsWell(file) ? Remembered.Lines(file)[0]
        : throw new Problem("up/listen-file", $"{file} does not say where to listen: it should hold an address with its port on each line.", "Mend it (`127.0.0.1:7070`), or remove it to let `wherry up` choose again.").AsException();

    internal static bool IsWell(string file) => !File.Exists(file) || (Remembered.Lines(file) is { Count: > 0 } lines && lines.All(l => IPEndPoint.TryParse(l, out var endpoint) && endpoint.Port > 0));

    /// <summary>Whether the edge could listen there. A proxy that takes the visitors has its ports already.</summary>
    internal static bool IsFree(HomeFiles files, int port) => Remembered.EdgeProxy(files.Home) is not null || CanBind(port);

    /// <summary>Whether the edge could listen there, over IPv4 and, where the machine has it, IPv6.</summary>
    internal static bool CanBind(int port) =>
        Bind(IPAddress.Any, port) is null && (!Socket.OSSupportsIPv6 || Bind(IPAddress.IPv6Any, port) is not (SocketError.AddressAlreadyInUse or SocketError.AccessDenied));

    private static SocketError? Bind(IPAddress address, int port)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.AddressFamily is AddressFamily.InterNetworkV6)
            {
                socket.DualMode = false;
            }

            // As the edge will: what a closed connection left behind does not count as taken.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen();
            return null;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    internal static void Keep(string file, string text)
    {
        File.WriteAllText(file + ".new", text);
        File.Move(file + ".new", file, overwrite: true);
    }
}
