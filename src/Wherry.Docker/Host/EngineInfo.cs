using Wherry.Core.Model;

namespace Wherry.Docker;

/// <summary>The machine and the settings of an engine.</summary>
/// <param name="Id">Stays the same over restarts of the engine.</param>
/// <param name="Name">Host name of the machine.</param>
/// <param name="OperatingSystem">For instance <c>Debian GNU/Linux 12 (bookworm)</c>.</param>
/// <param name="Architecture">As the kernel says, for instance <c>x86_64</c>.</param>
/// <param name="DataRoot">Folder that holds images, volumes and containers.</param>
/// <param name="CgroupVersion"><c>1</c> or <c>2</c>.</param>
/// <param name="SwarmState"><c>inactive</c>, <c>pending</c>, <c>active</c>, <c>error</c> or <c>locked</c>.</param>
/// <param name="Warnings">The engine's own warnings about its host.</param>
public sealed record EngineInfo(
    string Id,
    string Name,
    string Version,
    string Os,
    string OperatingSystem,
    string Kernel,
    string Architecture,
    int Cpus,
    ByteSize Memory,
    string StorageDriver,
    string DataRoot,
    string CgroupVersion,
    string LoggingDriver,
    bool IsRootless,
    int ContainersRunning,
    int Containers,
    int Images,
    string SwarmState,
    IReadOnlyList<string> Warnings);

internal sealed record InfoWire
{
    public string? ID { get; init; }

    public string? Name { get; init; }

    public string? ServerVersion { get; init; }

    public string? OSType { get; init; }

    public string? OperatingSystem { get; init; }

    public string? KernelVersion { get; init; }

    public string? Architecture { get; init; }

    public int NCPU { get; init; }

    public long MemTotal { get; init; }

    public string? Driver { get; init; }

    public string? DockerRootDir { get; init; }

    public string? CgroupVersion { get; init; }

    public string? LoggingDriver { get; init; }

    public IReadOnlyList<string>? SecurityOptions { get; init; }

    public int ContainersRunning { get; init; }

    public int Containers { get; init; }

    public int Images { get; init; }

    public SwarmWire? Swarm { get; init; }

    public IReadOnlyList<string>? Warnings { get; init; }

    public EngineInfo ToInfo() => new(
        ID ?? "",
        Name ?? "",
        ServerVersion ?? "",
        OSType ?? "",
        OperatingSystem ?? "",
        KernelVersion ?? "",
        Architecture ?? "",
        NCPU,
        ByteSize.Of(MemTotal),
        Driver ?? "",
        DockerRootDir ?? "",
        CgroupVersion ?? "1",
        LoggingDriver ?? "",
        SecurityOptions?.Contains("name=rootless") ?? false,
        ContainersRunning,
        Containers,
        Images,
        Swarm?.LocalNodeState ?? "inactive",
        Warnings ?? []);
}

internal sealed record SwarmWire(string? LocalNodeState);
