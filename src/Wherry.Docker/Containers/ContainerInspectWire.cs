using System.Globalization;
using Wherry.Core.Model;
using Wherry.Docker.Connection;

namespace Wherry.Docker;

internal sealed record ContainerInspectWire
{
    public required string Id { get; init; }

    public string? Name { get; init; }

    public string? Image { get; init; }

    public string? Created { get; init; }

    public string? Path { get; init; }

    public IReadOnlyList<string>? Args { get; init; }

    public ContainerStateWire? State { get; init; }

    public ContainerConfigWire? Config { get; init; }

    public HostConfigWire? HostConfig { get; init; }

    public NetworkSettingsWire? NetworkSettings { get; init; }

    public IReadOnlyList<MountPointWire>? Mounts { get; init; }

    public int RestartCount { get; init; }

    public ContainerInfo ToInfo() => new()
    {
        Id = Id,
        Name = Name?.TrimStart('/') ?? "",
        ImageId = Image ?? "",
        ImageName = Config?.Image ?? "",
        Labels = Config?.Labels ?? new Dictionary<string, string>(),
        Created = EngineTime.Parse(Created) ?? default,
        State = ContainerStateWire.Parse(State?.Status),
        StartedAt = EngineTime.Parse(State?.StartedAt),
        FinishedAt = EngineTime.Parse(State?.FinishedAt),
        ExitCode = State?.ExitCode ?? 0,
        OomKilled = State?.OOMKilled ?? false,
        Error = State?.Error ?? "",
        Health = HealthWire.Parse(State?.Health?.Status),
        LastHealthOutput = State?.Health?.Log is [.., var last] ? last.Output : null,
        RestartCount = RestartCount,
        Networks = NetworkSettings?.ToNetworks() ?? new Dictionary<string, ContainerAddress>(),
        Ports = NetworkSettings?.ToPorts() ?? [],
        ExposedPorts = PortWire.Exposed(Config?.ExposedPorts),
        Command = Path is null ? [] : [Path, .. Args ?? []],
        Environment = Config?.Env ?? [],
        Volumes = [.. (Mounts ?? []).Where(m => m.Type == "volume" && m.Name is not null).Select(m => m.Name!)],
        HasTty = Config?.Tty ?? false,
        Host = HostConfig,
        HostPid = State?.Pid ?? 0,
    };
}

internal sealed record ContainerStateWire
{
    public string? Status { get; init; }

    public string? StartedAt { get; init; }

    public string? FinishedAt { get; init; }

    public int ExitCode { get; init; }

    public bool OOMKilled { get; init; }

    public string? Error { get; init; }

    public int Pid { get; init; }

    public HealthWire? Health { get; init; }

    public static ContainerState Parse(string? text) => Enum.TryParse<ContainerState>(text, ignoreCase: true, out var state) ? state : ContainerState.Created;
}

internal sealed record HealthWire(string? Status, IReadOnlyList<HealthResultWire>? Log)
{
    public static ContainerHealth Parse(string? text) => Enum.TryParse<ContainerHealth>(text, ignoreCase: true, out var health) ? health : ContainerHealth.None;
}

internal sealed record HealthResultWire(string? Output);

internal sealed record ContainerConfigWire
{
    public string? Image { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public IReadOnlyDictionary<string, EmptyWire>? ExposedPorts { get; init; }

    public IReadOnlyList<string>? Env { get; init; }

    public IReadOnlyList<string>? Entrypoint { get; init; }

    public IReadOnlyList<string>? Cmd { get; init; }

    public HealthcheckWire? Healthcheck { get; init; }

    public string? User { get; init; }

    public string? WorkingDir { get; init; }

    public bool Tty { get; init; }
}

internal sealed record MountPointWire(string? Type, string? Name);

internal sealed record NetworkSettingsWire
{
    public IReadOnlyDictionary<string, EndpointWire>? Networks { get; init; }

    public IReadOnlyDictionary<string, IReadOnlyList<PortBindingWire>?>? Ports { get; init; }

    public Dictionary<string, ContainerAddress> ToNetworks() =>
        Networks?.ToDictionary(n => n.Key, n => new ContainerAddress(Known(n.Value.IPAddress), n.Value.Aliases ?? []), StringComparer.Ordinal) ?? [];

    public IReadOnlyList<PublishedPort> ToPorts() =>
    [
        .. from port in Ports ?? new Dictionary<string, IReadOnlyList<PortBindingWire>?>()
           from binding in port.Value ?? []
           let exposed = PortWire.Parse(port.Key)
           select new PublishedPort(Known(binding.HostIp), int.TryParse(binding.HostPort, NumberStyles.None, CultureInfo.InvariantCulture, out var host) ? host : null, exposed.Port, exposed.Protocol),
    ];

    public static string? Known(string? text) => string.IsNullOrEmpty(text) ? null : text;
}

/// <summary>Ports as the engine's keys write them: <c>80/tcp</c>.</summary>
internal static class PortWire
{
    public static ExposedPort Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var number = slash < 0 ? text : text[..slash];
        return new(int.Parse(number, NumberStyles.None, CultureInfo.InvariantCulture), slash < 0 ? "tcp" : text[(slash + 1)..]);
    }

    public static IReadOnlyList<ExposedPort> Exposed(IReadOnlyDictionary<string, EmptyWire>? ports) =>
        [.. (ports?.Keys ?? []).Select(Parse).OrderBy(p => p.Port).ThenBy(p => p.Protocol, StringComparer.Ordinal)];
}
