using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Core.Preflight;

/// <summary>What a server has, and what of it others have taken, at one moment. What could not be looked at is empty and refuses nothing.</summary>
public sealed record HostFacts
{
    /// <summary>Processors; 0 is unknown.</summary>
    public int Cpus { get; init; }

    /// <summary>All memory; <see langword="null"/> is unknown.</summary>
    public ByteSize? Memory { get; init; }

    /// <summary>Memory that could be given out now; <see langword="null"/> is unknown.</summary>
    public ByteSize? FreeMemory { get; init; }

    /// <summary>Disks that a deployment writes to.</summary>
    public IReadOnlyList<DiskFacts> Disks { get; init; } = [];

    /// <summary>Host ports that others have.</summary>
    public IReadOnlyList<TakenPort> Ports { get; init; } = [];

    /// <summary>Routes of other environments.</summary>
    public IReadOnlyList<TakenRoute> Routes { get; init; } = [];

    /// <summary>Ports of the edge that other environments have.</summary>
    public IReadOnlyList<TakenPort> EdgePorts { get; init; } = [];

    /// <summary>Whether the edge listens for TLS.</summary>
    public bool ListensTls { get; init; } = true;

    /// <summary>The proxy of somebody else's that serves in the edge's place; <see langword="null"/>: the edge serves by itself.</summary>
    public string? Proxy { get; init; }

    /// <summary>Names on the engine that are somebody else's, and things that should exist and do not.</summary>
    public IReadOnlyList<Problem> Names { get; init; } = [];

    /// <summary>Capabilities that the project was allowed; <see langword="null"/>: nobody asks, as when what ran already is put back.</summary>
    public IReadOnlySet<Capability>? Allowed { get; init; }

    /// <summary>How far the clock is behind something that happened already; zero when it is right.</summary>
    public TimeSpan ClockBehind { get; init; }
}

/// <summary>A disk.</summary>
/// <param name="Name">Device, or the kind of a file system without one.</param>
/// <param name="MountedAt">Where it begins.</param>
/// <param name="Free">What an ordinary program may still write.</param>
/// <param name="Inodes">Files that it can hold; 0 when it does not count them.</param>
/// <param name="Uses">What of it Wherry and the engine use, largest first, for a person; empty when nobody measured it.</param>
public sealed record DiskFacts(string Name, string MountedAt, ByteSize Size, ByteSize Free, long Inodes, long FreeInodes, IReadOnlyList<string> Uses);

/// <summary>A port of the host that something listens on.</summary>
/// <param name="Address"><see langword="null"/> is every address.</param>
/// <param name="By">Who has it, for a person.</param>
public sealed record TakenPort(string? Address, int Port, string Protocol, string By);

/// <summary>A host and path that another environment serves.</summary>
/// <param name="By"><c>project/environment</c>.</param>
public sealed record TakenRoute(HostName? Host, PathPrefix Path, string By);
