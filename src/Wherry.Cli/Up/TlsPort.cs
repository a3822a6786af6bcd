using System.Net;
using System.Net.Sockets;
using Wherry.Cli.Supervision;
using Wherry.Core.Problems;

namespace Wherry.Cli.Up;

/// <summary>Where the edge listens for TLS: 443 beside a plain 80 when it is free, or what was asked for; kept from then on.</summary>
/// <param name="Port"><see langword="null"/>: nowhere.</param>
/// <param name="Changed">It was another before.</param>
/// <param name="Why">Why nowhere.</param>
internal sealed record TlsPort(int? Port, bool Changed, string? Why)
{
    private const int Usual = 443;

    /// <param name="asked">The port that was asked for; 0: none.</param>
    /// <param name="edgePort">Port for plain traffic.</param>
    /// <exception cref="ProblemException"><c>up/listen-file</c>.</exception>
    public static TlsPort Choose(HomeFiles files, int? asked, int edgePort)
    {
        var file = Remembered.EdgeListenTlsFile(files.Home);
        var known = KnownPort(file, asked is not null);
        return (asked ?? known) switch
        {
            null when edgePort != 80 => new(null, Changed: false, $"port {edgePort} is for plain http; `wherry up --tls-port N` chooses one for TLS"),
            null when !Listeners.IsFree(files, Usual) => new(null, Changed: false, $"port {Usual} belongs to another program, or is not allowed"),
            null => Keep(file, Usual),
            Usual when asked is null && BelongsToOthers(files) => GiveUp(file),
            var port when port == known => new(port > 0 ? port : null, Changed: false, port > 0 ? null : "turned off with --tls-port 0"),
            var port => Keep(file, port.Value),
        };
    }

    /// <exception cref="ProblemException"><c>edge/port-taken</c>; nothing has changed.</exception>
    public static void Check(HomeFiles files, int? asked, int edgePort)
    {
        if (asked is { } port and > 0 && (port == edgePort || (port != KnownPort(Remembered.EdgeListenTlsFile(files.Home), replaces: true) && !Listeners.IsFree(files, port))))
        {
            throw new Problem("edge/port-taken", port == edgePort ? $"Port {port} is for plain http; TLS needs another." : $"Port {port} is not free for the edge's TLS.", "Stop what listens there (`ss -ltnp`), or choose another: `wherry up --tls-port N`.").AsException();
        }
    }

    private static TlsPort Keep(string file, int port)
    {
        Listeners.Keep(file, port == 0 ? "" : $"0.0.0.0:{port}\n[::]:{port}\n");
        return new(port == 0 ? null : port, Changed: true, port == 0 ? "turned off with --tls-port 0" : null);
    }

    /// <summary>Nobody asked for it now, so it stops nothing; the next <c>wherry up</c> tries again.</summary>
    private static TlsPort GiveUp(string file)
    {
        File.Delete(file);
        return new(null, Changed: true, $"port {Usual} belongs to another program now; run `wherry up` again when it is free");
    }

    /// <summary>The edge would not get it: it is taken, and not by what runs from this home.</summary>
    private static bool BelongsToOthers(HomeFiles files) => !Listeners.IsFree(files, Usual) && files.PidOf(SuperviseCommand.Role) is null && !Answers(files.EdgeSocket);

    private static bool Answers(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>What the file says; 0 when it says nowhere, <see langword="null"/> when there is none.</summary>
    /// <param name="replaces">What cannot be read is about to be replaced.</param>
    private static int? KnownPort(string file, bool replaces) =>
        !File.Exists(file) || (replaces && Remembered.Lines(file).Count > 0 && !Listeners.IsWell(file)) ? null
        : Remembered.Lines(file).Count == 0 ? 0
        : IPEndPoint.Parse(Listeners.Known(file)!).Port;
}
