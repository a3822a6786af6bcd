using System.Net;
using Wherry.Server.Store;

namespace Wherry.Server;

/// <summary>What <c>wherry server</c> is started with. Everything else is in the store.</summary>
public sealed record ServerOptions
{
    /// <summary>The state folder, absolute. Default <c>/var/lib/wherry</c>.</summary>
    public string Home { get; init; } = "/var/lib/wherry";

    /// <summary>The Docker Engine, in <c>DOCKER_HOST</c>'s forms. Default: the local socket.</summary>
    public string Engine { get; init; } = "unix:///var/run/docker.sock";

    /// <summary>Where API and Git answer with a token. Default loopback port 7070; <see langword="null"/>: only the socket answers.</summary>
    public IPEndPoint? Listen { get; init; } = new(IPAddress.Loopback, 7070);

    /// <summary>Host names of projects without a route of their own end with this. Default <c>localhost</c>.</summary>
    public string Domain { get; init; } = "localhost";

    /// <summary>Where the store is. Default: <c>wherry.db</c> in the state folder.</summary>
    public StoreLocation Store { get => field ?? StoreLocation.InHome(Home); init; }

    /// <summary>What builds may take of the machine.</summary>
    public Builds.BuildLimits BuildLimits { get; init; } = new();

    /// <summary>How much of the disks may be used.</summary>
    public Disk.DiskOptions Disk { get; init; } = new();

    /// <summary>The clock that is told to people, and counts what waits. Default: the machine's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The server's own socket, mode 0600: whoever can open it is an administrator.</summary>
    public string Socket => Path.Combine(Home, "wherry.sock");

    /// <summary>The edge's control socket.</summary>
    public string EdgeSocket => Path.Combine(Home, "edge", "edge.sock");

    public string Repositories => Path.Combine(Home, "repos");

    /// <summary>Source trees while they are deployed.</summary>
    public string Builds => Path.Combine(Home, "builds");

    public string Logs => Path.Combine(Home, "logs");

    public string Keys => Path.Combine(Home, "keys");
}
