using System.Collections.ObjectModel;
using Wherry.Compose.Interpolation;

namespace Wherry.Compose;

/// <summary>What <see cref="ComposeReader"/> reads.</summary>
public sealed record ComposeInput
{
    /// <summary>Content of the Compose file; at most 1 MB.</summary>
    public required string Text { get; init; }

    /// <summary>Path of the file inside the source. Shown in problems, and the folder that the file's relative paths start at. Default <c>compose.yaml</c>.</summary>
    public string FileName { get; init; } = "compose.yaml";

    /// <summary>Paths of the files that are merged over it, from the source's root, in this order. Their own relative paths start where the first file's do.</summary>
    public IReadOnlyList<string> Overrides { get; init; } = [];

    /// <summary>Where the other files, <c>.env</c>, <c>env_file</c>, secrets and configs are read from.</summary>
    public required ISourceFiles Files { get; init; }

    /// <summary>The environment's variables and secrets; they win over the source's <c>.env</c>.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Files of variables in the place of <c>.env</c>; of two the later one counts. Default: the file or files that Compose would read.</summary>
    public IReadOnlyList<VariableFile>? EnvFiles { get; init; }

    /// <summary>Active profiles; <c>*</c> is all of them. When empty, the variable <c>COMPOSE_PROFILES</c> (separated by commas) decides.</summary>
    public IReadOnlyList<string> Profiles { get; init; } = [];
}
