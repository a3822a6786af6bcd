using System.Globalization;
using System.Net;

namespace Wherry.Core.Health;

/// <summary>A TCP socket on which a container takes connections.</summary>
public sealed record Listener(IPAddress Address, int Port)
{
    /// <summary>State of a listening socket in the kernel's tables.</summary>
    private const string Listening = "0A";

    /// <summary>The engine's own name server inside every container.</summary>
    private static readonly IPAddress EngineDns = IPAddress.Parse("127.0.0.11");

    /// <summary>Only processes of the container itself reach it.</summary>
    public bool IsLoopback => IPAddress.IsLoopback(Address.IsIPv4MappedToIPv6 ? Address.MapToIPv4() : Address);

    /// <summary>Reads <c>/proc/PID/net/tcp</c> or <c>tcp6</c>, the sockets of one network namespace; lines that cannot be read are passed over.</summary>
    public static IReadOnlyList<Listener> Parse(string table) =>
        [.. table.Split('\n').Select(Read).OfType<Listener>().Where(l => !l.Address.Equals(EngineDns)).Distinct().OrderBy(l => l.Port).ThenBy(l => l.Address.ToString(), StringComparer.Ordinal)];

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{Address}]" : Address)}:{Port}");

    private static Listener? Read(string line)
    {
        var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 3 && fields[3] == Listening && fields[1].Split(':') is [{ Length: 8 or 32 } address, { Length: 4 } port]
            && TryBytes(address) is { } bytes && int.TryParse(port, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
            ? new Listener(new IPAddress(bytes), number)
            : null;
    }

    /// <summary>The kernel prints each 32 bits of an address as a number of the machine; all machines that Wherry runs on are little-endian.</summary>
    private static byte[]? TryBytes(string hex)
    {
        if (!hex.All(char.IsAsciiHexDigit))
        {
            return null;
        }

        var bytes = Convert.FromHexString(hex);
        for (var word = 0; word < bytes.Length; word += 4)
        {
            Array.Reverse(bytes, word, 4);
        }

        return bytes;
    }
}
