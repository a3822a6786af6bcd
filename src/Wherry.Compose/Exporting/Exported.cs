using Wherry.Compose.Writing;

namespace Wherry.Compose.Exporting;

/// <summary>A model in another tool's format.</summary>
/// <param name="Files">The first is the one that the others belong to.</param>
/// <param name="Losses">What the format cannot say, or says in another way. They stand at the top of the first file too.</param>
/// <param name="Variables">What has to be set where it is used.</param>
public sealed record Exported(IReadOnlyList<ExportedFile> Files, IReadOnlyList<string> Losses, IReadOnlyList<WantedVariable> Variables);

/// <summary>A file of an export.</summary>
/// <param name="Path">Below the folder that the export is written to.</param>
/// <param name="IsSecret">Holds values of secrets, or is to hold them: only its owner may read it.</param>
public sealed record ExportedFile(string Path, byte[] Content, bool IsSecret = false);

/// <summary>What is exported, and how.</summary>
public sealed record ExportWish
{
    /// <summary>The project: names that belong to all of it are made from it.</summary>
    public required string Name { get; init; }

    /// <summary>Where the model comes from, for the first line of the output: <c>shop, production, r12</c>.</summary>
    public required string Origin { get; init; }

    /// <summary>Values of secrets by their variables, to be written too. Default: names only.</summary>
    public IReadOnlyDictionary<string, byte[]>? Secrets { get; init; }

    /// <summary>Whether values of secrets are written.</summary>
    public bool WithSecrets => Secrets is not null;

    /// <summary>Registry and path that built images are named below: <c>registry.example.com/shop</c>. Default: the names that they have on the server.</summary>
    public string? Registry { get; init; }
}
