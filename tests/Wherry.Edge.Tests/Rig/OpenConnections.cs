using System.Net;
using System.Net.NetworkInformation;

namespace Wherry.Edge.Tests.Rig;

/// <summary>What the machine says about connections.</summary>
public static class OpenConnections
{
    /// <summary>Established connections from somewhere else to a replica.</summary>
    public static int To(Backend backend) => IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpConnections()
        .Count(c => c.State is TcpState.Established && Equals(Plain(c.RemoteEndPoint.Address), IPAddress.Parse(backend.Address)) && c.RemoteEndPoint.Port == backend.Port);

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
