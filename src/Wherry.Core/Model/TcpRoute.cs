namespace Wherry.Core.Model;

/// <summary>A port of the edge that leads to a port of a service, byte for byte. Also <c>x-wherry.tcp</c>.</summary>
/// <remarks>What has a default is <c>set</c>: see <see cref="Routing.EdgeService"/>.</remarks>
/// <param name="Listen">Port that the edge listens on; no other service has it.</param>
/// <param name="Port">Container port that takes the connections.</param>
public sealed record TcpRoute(int Listen, int Port)
{
    /// <summary>The one address of the machine to listen on, for instance <c>127.0.0.1</c>. Default: those on which the edge takes HTTP.</summary>
    public string? Address { get; set; }

    /// <summary>Longest silence in both directions, after which a connection is closed. Default 1 h.</summary>
    public TimeSpan SilentFor { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Connections at the same time; one more is closed at once. Default 10,000.</summary>
    public int MaxConnections { get; set; } = 10_000;

    /// <summary>Begins each connection to the service with the PROXY protocol of this version, 1 or 2: it says whose connection it is. Default: not at all.</summary>
    public int? SendProxy { get; set; }
}
