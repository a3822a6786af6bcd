using Microsoft.Extensions.Logging;

namespace Wherry.Edge;

/// <summary>How one edge runs. Services are not options: they come through the socket and live in the state file.</summary>
public sealed record EdgeOptions
{
    /// <summary>Folder of <c>edge.sock</c>, <c>state.json</c>, <c>access.log</c> and <c>errors/</c>; made with mode 0700 when missing.</summary>
    public required string Home { get; init; }

    /// <summary>Addresses for public traffic, for instance <c>0.0.0.0:80</c> and <c>[::]:80</c>; port 0 takes a free one. An IPv6 address is left out where the machine has no IPv6.</summary>
    public IReadOnlyList<string> Listen { get; init; } = ["0.0.0.0:80", "[::]:80"];

    /// <summary>Addresses for public traffic over TLS, for instance <c>0.0.0.0:443</c> and <c>[::]:443</c>. Default: none.</summary>
    public IReadOnlyList<string> ListenTls { get; init; } = [];

    /// <summary>Goes on without an address of <see cref="ListenTls"/> that another program has, and says so. Default no: the edge does not start.</summary>
    public bool TlsWhereFree { get; init; }

    /// <summary>Host whose certificate a client gets that names none (no SNI). Default: such a client is refused.</summary>
    public string? DefaultTlsHost { get; init; }

    /// <summary>Process that holds sockets of these addresses open, so that an exchange of the edge refuses nobody. Default: the edge opens its own.</summary>
    public int? SocketsOf { get; init; }

    /// <summary>Addresses and networks (<c>10.0.0.0/8</c>) whose forwarding headers are believed. Default: nobody's.</summary>
    public IReadOnlyList<string> TrustedProxies { get; init; } = [];

    /// <summary>Load balancers, as addresses and networks, that begin each connection with the PROXY protocol. Default: none.</summary>
    public IReadOnlyList<string> ProxyProtocolFrom { get; init; } = [];

    /// <summary>Longest time for a connection to a target. Default 5 s.</summary>
    public TimeSpan ConnectWithin { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest silence in both directions of a request or WebSocket. Default 10 min.</summary>
    public TimeSpan SilentFor { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Time that requests in flight get when the edge stops. Default 10 s.</summary>
    public TimeSpan StopWithin { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Consecutive failed probes or connections after which a target leaves the rotation. Default 3.</summary>
    public int EjectAfter { get; init; } = 3;

    /// <summary>Size at which the access log starts a new file. Default 10 MB.</summary>
    public long AccessLogMaxBytes { get; init; } = 10L << 20;

    /// <summary>Older access log files kept. Default 5.</summary>
    public int AccessLogKeep { get; init; } = 30;

    /// <summary>Time after which an older access log file goes. Default 30 days; a new file begins at least every day.</summary>
    public TimeSpan AccessLogKeepFor { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Most bytes that all bodies that are held back take together. Default: half of what would be free without them where <see cref="Home"/> is.</summary>
    public long? BuffersMaxBytes { get; init; }

    /// <summary>Start with no services when the state file cannot be read; it is moved aside. Default no: the edge refuses to start.</summary>
    public bool DiscardUnreadableState { get; init; }

    /// <summary>Proxy that takes the visitors in the edge's place: <c>caddy</c>, or <c>caddy ADDRESS</c> of its admin API, or <c>traefik FOLDER</c> as <see cref="Foreign.Traefik.TraefikOptions.Parse"/> reads it. Default: the edge serves by itself.</summary>
    public string? Proxy { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Default: warnings and the edge's own messages on standard error.</summary>
    public ILoggerFactory? Logging { get; init; }

    /// <summary>What carries HTTP/3; default: the system's, where it has one.</summary>
    internal Microsoft.AspNetCore.Connections.IMultiplexedConnectionListenerFactory? QuicTransport { get; init; }

    internal string SocketPath => Path.Combine(Home, "edge.sock");

    internal string StatePath => Path.Combine(Home, "state.json");

    internal string CertificatesPath => Path.Combine(Home, "certificates");

    internal string AcmePath => Path.Combine(Home, "acme.json");

    internal string AuthorityPath => Path.Combine(Home, "authority");

    internal string AccessLogPath => Path.Combine(Home, "access.log");

    internal string FilesPath => Path.Combine(Home, "files");

    internal string BuffersPath => Path.Combine(Home, "buffers");

    internal string ErrorPagesPath => Path.Combine(Home, "errors");
}
