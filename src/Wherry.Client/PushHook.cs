using System.Net.Sockets;
using System.Text;

namespace Wherry.Client;

/// <summary>Wherry's executable as Git's <c>pre-receive</c> hook: asks the server about the push, shows its lines to the pusher as they come, and exits with its verdict.</summary>
/// <remarks>One process per push, with a person waiting: plain sockets and nothing asynchronous, because that starts fastest.</remarks>
public static class PushHook
{
    /// <summary>Name of the hook.</summary>
    public const string Name = "pre-receive";

    /// <summary>Variable that makes a process of the executable a hook.</summary>
    public const string HookVariable = "WHERRY_HOOK";

    /// <summary>Variable with the path of the server's socket.</summary>
    public const string SocketVariable = "WHERRY_SOCKET";

    /// <summary>Variable with the id of the push.</summary>
    public const string PushVariable = "WHERRY_PUSH";

    /// <summary>This process was started by Git as a hook. Ask before anything else is done.</summary>
    public static bool IsHook => Environment.GetEnvironmentVariable(HookVariable) == Name;

    /// <summary>Runs the hook.</summary>
    /// <returns>0 when the push may happen.</returns>
    public static int Run()
    {
        using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false)) { AutoFlush = true };
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(Required(SocketVariable)));
            using var stream = new NetworkStream(socket);
            Ask(stream);
            return Show(stream, output);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            output.WriteLine($"Wherry's server does not answer: {e.Message}");
            output.WriteLine("Start it with `wherry up`, then push again.");
            return 1;
        }
    }

    /// <summary>HTTP/1.0: the answer ends with the connection, so its body needs no decoding.</summary>
    private static void Ask(NetworkStream stream)
    {
        using var updates = Console.OpenStandardInput();
        using var body = new MemoryStream();
        body.Write(Encoding.UTF8.GetBytes($"{Environment.GetEnvironmentVariable("GIT_QUARANTINE_PATH")}\n"));
        updates.CopyTo(body);
        stream.Write(Encoding.ASCII.GetBytes($"POST /git/hooks/{Required(PushVariable)} HTTP/1.0\r\nHost: wherry\r\nContent-Type: text/plain\r\nContent-Length: {body.Length}\r\n\r\n"));
        body.WriteTo(stream);
    }

    private static int Show(NetworkStream stream, StreamWriter output)
    {
        using var reader = new StreamReader(stream);
        var accepted = reader.ReadLine()?.Split(' ') is [_, "200", ..];
        while (reader.ReadLine() is { Length: > 0 })
        {
            // headers
        }

        while (reader.ReadLine() is { } line)
        {
            if (accepted && line is "ok" or "refused")
            {
                return line == "ok" ? 0 : 1;
            }

            output.WriteLine(line.StartsWith(' ') ? line[1..] : line);
        }

        output.WriteLine("The connection to Wherry's server was lost; what was being deployed goes on. See it with `wherry status`, then push again.");
        return 1;
    }

    private static string Required(string variable) => Environment.GetEnvironmentVariable(variable) ?? throw new IOException($"{variable} is not set.");
}
