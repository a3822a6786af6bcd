namespace Wherry.Compose.Importing;

/// <summary>Somebody else's file as a Compose project: what to write, what to ask for, and what was lost.</summary>
public sealed record ImportedProject
{
    /// <summary>A name for the project, from the name of what was imported.</summary>
    public required string Name { get; init; }

    /// <summary>Content by path; <c>compose.yaml</c> is always there.</summary>
    public required IReadOnlyDictionary<string, string> Files { get; init; }

    /// <summary>The variables of the file, in its order.</summary>
    public IReadOnlyList<ImportInput> Inputs { get; init; } = [];

    /// <summary>Values that the imported file held and that do not belong into a Compose file: passwords.</summary>
    public IReadOnlyDictionary<string, string> Values { get; init; } = new Dictionary<string, string>();

    /// <summary>What the file said and the project does not do.</summary>
    public IReadOnlyList<LostPoint> Lost { get; init; } = [];

    /// <summary>What the file told about itself.</summary>
    public TemplateAbout About { get; init; } = new();

    /// <summary>The Compose file.</summary>
    public string ComposeText => Files[ComposeReader.FileNames[0]];
}

/// <summary>What a variable of an imported project is.</summary>
public enum InputKind
{
    /// <summary>A person may or must give it.</summary>
    Value,

    /// <summary>The host name of a route.</summary>
    Host,

    /// <summary>Made once, by chance, and kept.</summary>
    Generated,
}

/// <summary>A variable of an imported project.</summary>
/// <param name="Purpose">What it is for, in words.</param>
public sealed record ImportInput(string Name, InputKind Kind, string Purpose)
{
    /// <summary>What counts when nobody gives it; <see langword="null"/>: nothing.</summary>
    public string? Default { get; init; }

    /// <summary>The project does not deploy without it.</summary>
    public bool Required { get; init; }

    /// <summary>Not to be shown.</summary>
    public bool Secret { get; init; }

    /// <summary>How it is made, when it is <see cref="InputKind.Generated"/>.</summary>
    public ValueShape? Shape { get; init; }
}

/// <summary>Something of the imported file that has no counterpart.</summary>
/// <param name="Place">Where it stood: <c>services.web.volumes[0]</c>.</param>
/// <param name="What">What became of it.</param>
public sealed record LostPoint(string Place, string What)
{
    public override string ToString() => $"{Place}: {What}";
}

/// <summary>What a template tells about itself.</summary>
public sealed record TemplateAbout
{
    public string? Slogan { get; init; }

    /// <summary>Address of a page.</summary>
    public string? Documentation { get; init; }

    public string? Category { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Path or address of a picture.</summary>
    public string? Logo { get; init; }
}
