using Wherry.Core.Model;
using Wherry.Docker.Connection;

namespace Wherry.Docker;

/// <summary>An image as the engine has it.</summary>
public sealed record ImageInfo
{
    /// <summary><c>sha256:…</c></summary>
    public required string Id { get; init; }

    /// <summary>Names with tags, for instance <c>shop/web:42</c>.</summary>
    public required IReadOnlyList<string> Tags { get; init; }

    /// <summary>Names with digests, of registries it came from or went to.</summary>
    public required IReadOnlyList<string> Digests { get; init; }

    public DateTimeOffset? Created { get; init; }

    /// <summary>When it last got a name here, as by a pull. An engine that does not say leaves this out.</summary>
    public DateTimeOffset? Named { get; init; }

    /// <summary>All layers, shared ones included.</summary>
    public required ByteSize Size { get; init; }

    public IReadOnlyList<ExposedPort> ExposedPorts { get; init; } = [];

    public IReadOnlyList<string> Entrypoint { get; init; } = [];

    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary><c>NAME=value</c></summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    public bool HasHealthcheck { get; init; }

    /// <summary>Empty is root.</summary>
    public string User { get; init; } = "";

    public string WorkingDir { get; init; } = "";

    /// <summary>As Go names it, for instance <c>amd64</c>.</summary>
    public string Architecture { get; init; } = "";

    public string Os { get; init; } = "";
}

/// <summary>An image in a list.</summary>
public sealed record ImageSummary(
    string Id,
    IReadOnlyList<string> Tags,
    IReadOnlyList<string> Digests,
    DateTimeOffset Created,
    ByteSize Size,
    IReadOnlyDictionary<string, string> Labels);

internal sealed record ImageInspectWire
{
    public required string Id { get; init; }

    public IReadOnlyList<string>? RepoTags { get; init; }

    public IReadOnlyList<string>? RepoDigests { get; init; }

    public string? Created { get; init; }

    public ImageMetadataWire? Metadata { get; init; }

    public long Size { get; init; }

    public string? Architecture { get; init; }

    public string? Os { get; init; }

    public ContainerConfigWire? Config { get; init; }

    public ImageInfo ToInfo() => new()
    {
        Id = Id,
        Tags = RepoTags ?? [],
        Digests = RepoDigests ?? [],
        Created = EngineTime.Parse(Created),
        Named = EngineTime.Parse(Metadata?.LastTagTime),
        Size = ByteSize.Of(Size),
        ExposedPorts = PortWire.Exposed(Config?.ExposedPorts),
        Entrypoint = Config?.Entrypoint ?? [],
        Command = Config?.Cmd ?? [],
        Environment = Config?.Env ?? [],
        Labels = Config?.Labels ?? new Dictionary<string, string>(),
        HasHealthcheck = Config?.Healthcheck?.Test is [not "NONE", ..],
        User = Config?.User ?? "",
        WorkingDir = Config?.WorkingDir ?? "",
        Architecture = Architecture ?? "",
        Os = Os ?? "",
    };
}

internal sealed record ImageMetadataWire(string? LastTagTime);

internal sealed record ImageSummaryWire
{
    public required string Id { get; init; }

    public IReadOnlyList<string>? RepoTags { get; init; }

    public IReadOnlyList<string>? RepoDigests { get; init; }

    public long Created { get; init; }

    public long Size { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    // Before API 1.43 an image without a name lists this in its place.
    public ImageSummary ToSummary() => new(
        Id,
        [.. (RepoTags ?? []).Where(t => t != "<none>:<none>")],
        [.. (RepoDigests ?? []).Where(d => d != "<none>@<none>")],
        DateTimeOffset.FromUnixTimeSeconds(Created),
        ByteSize.Of(Size),
        Labels ?? new Dictionary<string, string>());
}
