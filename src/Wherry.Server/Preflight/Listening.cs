using System.Globalization;
using System.Net;

namespace Wherry.Server.Preflight;

/// <summary>What listens on this machine, as the kernel tells it.</summary>
internal static class Listening
{
    private const string Listens = "0A";
    private const string Unconnected = "07";

    /// <summary>Sockets that take connections or datagrams from anybody.</summary>
    public static IEnumerable<ListeningSocket> All() =>
        Read("/proc/net/tcp", "tcp", Listens).Concat(Read("/proc/net/tcp6", "tcp", Listens)).Concat(Read("/proc/net/udp", "udp", Unconnected)).Concat(Read("/proc/net/udp6", "udp", Unconnected));

    /// <summary>The program that has the socket, for a person; <see langword="null"/> when it cannot be seen.</summary>
    public static string? ProgramOf(ListeningSocket socket)
    {
        var wanted = string.Create(CultureInfo.InvariantCulture, $"socket:[{socket.Inode}]");
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(d => char.IsAsciiDigit(Path.GetFileName(d)[0])))
        {
            try
            {
                if (Directory.EnumerateFiles(Path.Combine(process, "fd")).Any(fd => TargetOf(fd) == wanted))
                {
                    return $"{File.ReadAllText(Path.Combine(process, "comm")).Trim()} (process {Path.GetFileName(process)})";
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It ended in between, or is somebody else's.
            }
        }

        return null;
    }

    /// <summary>Handles come and go while they are looked at: one that is closed meanwhile does not hide the others.</summary>
    private static string? TargetOf(string handle)
    {
        try
        {
            return File.ResolveLinkTarget(handle, returnFinalTarget: false)?.Name;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static IEnumerable<ListeningSocket> Read(string table, string protocol, string state)
    {
        if (!File.Exists(table))
        {
            yield break; // without IPv6 there is no table of it
        }

        foreach (var line in File.ReadLines(table).Skip(1))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 9 && words[3] == state)
            {
                var colon = words[1].IndexOf(':', StringComparison.Ordinal);
                yield return new ListeningSocket(Address(words[1].AsSpan(0, colon)), int.Parse(words[1].AsSpan(colon + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture), protocol, words[9]);
            }
        }
    }

    /// <summary>Words of four bytes, each in the machine's order.</summary>
    private static IPAddress Address(ReadOnlySpan<char> hex)
    {
        var bytes = Convert.FromHexString(hex);
        if (BitConverter.IsLittleEndian)
        {
            for (var i = 0; i < bytes.Length; i += 4)
            {
                Array.Reverse(bytes, i, 4);
            }
        }

        var address = new IPAddress(bytes);
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }
}

/// <summary>A socket that listens.</summary>
internal sealed record ListeningSocket(IPAddress Address, int Port, string Protocol, string Inode);
