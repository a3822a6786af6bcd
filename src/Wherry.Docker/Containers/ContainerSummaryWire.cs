using Wherry.Core.Model;

namespace Wherry.Docker;

internal sealed record ContainerSummaryWire
{
    public required string Id { get; init; }

    public IReadOnlyList<string>? Names { get; init; }

    public string? Image { get; init; }

    public string? ImageID { get; init; }

    public string? State { get; init; }

    public string? Status { get; init; }

    public long Created { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public NetworkSettingsWireOfList? NetworkSettings { get; init; }

    public IReadOnlyList<PortOfListWire>? Ports { get; init; }

    public ContainerSummary ToSummary() => new(
        Id,
        // A container linked by others carries names with a second slash; its own has one.
        Names?.FirstOrDefault(n => n.LastIndexOf('/') == 0)?[1..] ?? "",
        ImageID ?? "",
        Image ?? "",
        ContainerStateWire.Parse(State),
        Status ?? "",
        DateTimeOffset.FromUnixTimeSeconds(Created),
        Labels ?? new Dictionary<string, string>(),
        NetworkSettings?.Networks?.ToDictionary(n => n.Key, n => NetworkSettingsWire.Known(n.Value.IPAddress), StringComparer.Ordinal) ?? [],
        [.. (Ports ?? []).Where(p => p.PublicPort > 0).Select(p => new PublishedPort(NetworkSettingsWire.Known(p.IP), p.PublicPort, p.PrivatePort, p.Type ?? "tcp"))]);
}

internal sealed record NetworkSettingsWireOfList(IReadOnlyDictionary<string, EndpointWire>? Networks);

internal sealed record PortOfListWire(string? IP, int PrivatePort, int PublicPort, string? Type);

internal sealed record ContainerWaitWire(int StatusCode, ContainerWaitErrorWire? Error);

internal sealed record ContainerWaitErrorWire(string? Message);

internal sealed record ContainerTopWire(IReadOnlyList<string>? Titles, IReadOnlyList<IReadOnlyList<string>>? Processes);
