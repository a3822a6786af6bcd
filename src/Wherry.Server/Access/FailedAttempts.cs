using System.Net;
using System.Net.Sockets;

namespace Wherry.Server.Access;

/// <summary>Counts requests with tokens that do not work, per address and minute. Bounded: at most <see cref="MaxAddresses"/> are remembered.</summary>
internal sealed class FailedAttempts(TimeProvider time)
{
    /// <summary>Failures that one address may have within a minute.</summary>
    public const int MaxPerMinute = 20;

    private const int MaxAddresses = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, int> _failures = [];
    private long _minute;

    /// <returns><see langword="false"/> when this one is too many.</returns>
    public bool Note(IPAddress? address)
    {
        var minute = time.GetUtcNow().ToUnixTimeSeconds() / 60;
        lock (_lock)
        {
            if (minute != _minute || _failures.Count >= MaxAddresses)
            {
                _minute = minute;
                _failures.Clear();
            }

            var who = Network(address ?? IPAddress.None);
            return (_failures[who] = _failures.GetValueOrDefault(who) + 1) <= MaxPerMinute;
        }
    }

    /// <summary>One household has a whole /64 of IPv6.</summary>
    private static IPAddress Network(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }
}
