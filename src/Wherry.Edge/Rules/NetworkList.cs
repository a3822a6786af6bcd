using System.Net;
using Wherry.Core.Problems;

namespace Wherry.Edge.Rules;

/// <summary>Addresses and networks to compare a client or a proxy with.</summary>
/// <exception cref="ProblemException"><c>edge/trusted-proxy</c>. Those of a route's rules have been looked at before they come here.</exception>
internal sealed class NetworkList(IReadOnlyList<string> networks)
{
    private readonly IPNetwork[] _networks = [.. networks.Select(Parse)];

    public bool IsEmpty => _networks.Length == 0;

    /// <remarks>An IPv4 address is the same when it comes mapped into IPv6.</remarks>
    public bool Contains(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        foreach (var network in _networks)
        {
            if (network.Contains(plain))
            {
                return true;
            }
        }

        return false;
    }

    private static IPNetwork Parse(string text)
    {
        if (IPNetwork.TryParse(text, out var network))
        {
            return network;
        }

        return IPAddress.TryParse(text, out var address)
            ? new(address, address.GetAddressBytes().Length * 8)
            : throw new Problem("edge/trusted-proxy", $"{Problem.Quoted(text)} is not an address or network.", "Write proxies and load balancers as 10.0.0.5 or 10.0.0.0/8, without host bits after the prefix.").AsException();
    }
}
