using System.Globalization;
using Wherry.Core.Model;
using Wherry.Docker.Connection;

namespace Wherry.Docker;

internal sealed record ContainerCreateWire
{
    public required string Image { get; init; }

    public IReadOnlyList<string>? Cmd { get; init; }

    public IReadOnlyList<string>? Entrypoint { get; init; }

    public IReadOnlyList<string>? Env { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public IReadOnlyDictionary<string, EmptyWire>? ExposedPorts { get; init; }

    public HealthcheckWire? Healthcheck { get; init; }

    public string? User { get; init; }

    public string? WorkingDir { get; init; }

    public string? StopSignal { get; init; }

    public long? StopTimeout { get; init; }

    public string? Hostname { get; init; }

    public string? Domainname { get; init; }

    public string? MacAddress { get; init; }

    public bool Tty { get; init; }

    public bool OpenStdin { get; init; }

    public bool StdinOnce { get; init; }

    public bool AttachStdin { get; init; }

    public bool AttachStdout { get; init; } = true;

    public bool AttachStderr { get; init; } = true;

    public required HostConfigWire HostConfig { get; init; }

    public NetworkingWire? NetworkingConfig { get; init; }

    /// <param name="joins">The networks that go into this call.</param>
    public static ContainerCreateWire Of(ContainerSpec spec, IReadOnlyList<NetworkJoin> joins) => new()
    {
        Image = spec.Image,
        Cmd = spec.Command,
        Entrypoint = spec.Entrypoint,
        Env = [.. spec.Environment.Select(e => $"{e.Key}={e.Value}")],
        Labels = spec.Labels,
        ExposedPorts = spec.Sharing?.Network is { Mode: NamespaceMode.Service or NamespaceMode.Container } ? null : spec.Expose.Select(e => PortKey(e.Port, e.Protocol))
            .Concat(spec.Ports.Select(p => PortKey(p.ContainerPort, p.Protocol)))
            .Distinct()
            .ToDictionary(p => p, _ => new EmptyWire(), StringComparer.Ordinal),
        Healthcheck = HealthcheckWire.Of(spec.Healthcheck),
        User = spec.User,
        WorkingDir = spec.WorkingDir,
        StopSignal = spec.StopSignal,
        StopTimeout = spec.StopGrace is { } grace ? EngineTime.WholeSeconds(grace) : null,
        Hostname = spec.Naming?.Hostname,
        Domainname = spec.Naming?.DomainName,
        MacAddress = spec.Naming?.MacAddress,
        Tty = spec.Tty,
        OpenStdin = spec.OpenStdin,
        StdinOnce = spec.OpenStdin,
        AttachStdin = spec.OpenStdin,
        HostConfig = HostConfigWire.Of(spec),
        NetworkingConfig = joins.Count == 0 ? null : new(joins.ToDictionary(j => j.Network, EndpointWire.Of, StringComparer.Ordinal)),
    };

    public static string PortKey(int port, string protocol) => string.Create(CultureInfo.InvariantCulture, $"{port}/{protocol}");
}

internal sealed record NetworkingWire(IReadOnlyDictionary<string, EndpointWire> EndpointsConfig);

internal sealed record HealthcheckWire
{
    public IReadOnlyList<string>? Test { get; init; }

    public long? Interval { get; init; }

    public long? Timeout { get; init; }

    public long? StartPeriod { get; init; }

    public long? StartInterval { get; init; }

    public int? Retries { get; init; }

    public static HealthcheckWire? Of(Healthcheck? check) => check is null ? null : new()
    {
        Test = check.Test,
        Interval = Nanoseconds(check.Interval),
        Timeout = Nanoseconds(check.Timeout),
        StartPeriod = Nanoseconds(check.StartPeriod),
        StartInterval = Nanoseconds(check.StartInterval),
        Retries = check.Retries,
    };

    private static long? Nanoseconds(TimeSpan? span) => span is { } s ? EngineTime.Nanoseconds(s) : null;
}
