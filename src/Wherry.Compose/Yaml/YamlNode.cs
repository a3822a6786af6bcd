namespace Wherry.Compose.Yaml;

/// <summary>A part of the file with its place. Aliases and merge keys are already resolved, so one node may stand in several places.</summary>
/// <param name="tag">What stands before the value in the file.</param>
/// <param name="hasTags">Whether a value below has a tag.</param>
internal abstract class YamlNode(Mark at, long size, MergeTag tag, bool hasTags)
{
    public Mark At { get; } = at;

    /// <summary>What this does to the same key of an earlier file.</summary>
    public MergeTag Tag { get; } = tag;

    /// <summary>Whether this or a value below has a tag.</summary>
    public bool HasTags { get; } = hasTags || tag != MergeTag.None;

    /// <summary>Nodes in this one with every alias written out: what walking it costs.</summary>
    public long Size { get; } = size;

    /// <summary>What this is, for "must be … but is …".</summary>
    public abstract string Shape { get; }

    public bool IsNull => this is YamlScalar { Kind: ScalarKind.Null };
}

/// <summary>What a value does to the same key of an earlier file.</summary>
internal enum MergeTag
{
    /// <summary>It is merged by the rules of its key.</summary>
    None,

    /// <summary><c>!reset</c>: the key goes away.</summary>
    Reset,

    /// <summary><c>!override</c>: it takes the earlier value's place.</summary>
    Override,
}

internal sealed class YamlList(Mark at, IReadOnlyList<YamlNode> items, MergeTag tag = MergeTag.None) : YamlNode(at, 1 + items.Sum(i => i.Size), tag, items.Any(i => i.HasTags))
{
    public IReadOnlyList<YamlNode> Items { get; } = items;

    public override string Shape => "a list";
}

internal sealed class YamlMap(Mark at, IReadOnlyList<YamlEntry> entries, MergeTag tag = MergeTag.None) : YamlNode(at, 1 + entries.Sum(e => 1 + e.Value.Size), tag, entries.Any(e => e.Value.HasTags))
{
    public IReadOnlyList<YamlEntry> Entries { get; } = entries;

    public override string Shape => "a mapping";

    public YamlEntry? Find(string key) => Entries.FirstOrDefault(e => e.Key == key);
}

/// <param name="At">Place of the key.</param>
internal sealed record YamlEntry(string Key, Mark At, YamlNode Value);

/// <summary>A scalar.</summary>
/// <param name="text">The text as written, or interpolated.</param>
/// <param name="written">The text before interpolation; what problems show, because a variable may be a secret.</param>
internal sealed class YamlScalar(Mark at, string text, ScalarKind kind, string? written = null, MergeTag tag = MergeTag.None) : YamlNode(at, 1, tag, hasTags: false)
{
    public string Text { get; } = text;

    public string Written { get; } = written ?? text;

    public ScalarKind Kind { get; } = kind;

    public override string Shape => Kind switch
    {
        ScalarKind.Null => "empty",
        ScalarKind.Bool => "a boolean",
        ScalarKind.Int or ScalarKind.Float => "a number",
        _ => "a string",
    };

    /// <summary>The value the way Compose prints it into a variable or label: <c>True</c> is <c>true</c>, <c>0x10</c> is <c>16</c>, <c>1.50</c> is <c>1.5</c>.</summary>
    public string Canonical => ScalarKinds.Canonical(Text, Kind);
}
