using System.Net;

namespace Wherry.Edge.Rules;

/// <summary>Addresses and networks to compare a client with.</summary>
internal sealed class NetworkList(IReadOnlyList<string> networks)
{
    private readonly IPNetwork[] _networks = [.. networks.Select(Parse)];

    public bool Contains(IPAddress address) => Array.Exists(_networks, n => n.Contains(address));

    private static IPNetwork Parse(string text) => IPAddress.TryParse(text, out var address) ? new(address, address.GetAddressBytes().Length * 8) : IPNetwork.Parse(text);
}
