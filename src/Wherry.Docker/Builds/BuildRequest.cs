using Wherry.Core.Model;

namespace Wherry.Docker;

/// <summary>Which of the engine's two builders works.</summary>
public enum BuilderKind
{
    /// <summary>BuildKit where the engine has it, else the classic one.</summary>
    Auto,
    BuildKit,
    Classic,
}

/// <summary>An image to build.</summary>
public sealed record BuildRequest
{
    /// <summary>Writes the context as a tar. May be called a second time when the first builder turns out to be missing.</summary>
    public required Func<Stream, CancellationToken, Task> WriteContext { get; init; }

    /// <summary>Path of the Dockerfile in the context.</summary>
    public string Dockerfile { get; init; } = "Dockerfile";

    /// <summary>Stage to build; <see langword="null"/> is the last.</summary>
    public string? Target { get; init; }

    /// <summary>Names with tags for the image; it may stay without.</summary>
    public IReadOnlyList<ImageReference> Tags { get; init; } = [];

    public IReadOnlyDictionary<string, string> Args { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Images whose layers may be taken over.</summary>
    public IReadOnlyList<ImageReference> CacheFrom { get; init; } = [];

    /// <summary>Build every step anew. Default no.</summary>
    public bool NoCache { get; init; }

    /// <summary>Ask the registry for newer base images. Default no.</summary>
    public bool Pull { get; init; }

    /// <summary>Limits of each step; only the classic builder heeds them.</summary>
    public Resources Limits { get; init; } = new();

    /// <summary>Network of the steps, for instance <c>host</c> or <c>none</c>; <see langword="null"/> is the engine's default.</summary>
    public string? Network { get; init; }

    /// <summary>Kind of machine that the image is for; <see langword="null"/> is the engine's own.</summary>
    public Platform? Platform { get; init; }

    public BuilderKind Builder { get; init; } = BuilderKind.Auto;

    /// <summary>The request for this context: its tar and its Dockerfile.</summary>
    public static BuildRequest Of(BuildContext context) => new() { WriteContext = context.WriteAsync, Dockerfile = context.Dockerfile };
}
