using Wherry.Compose.Merging;
using Wherry.Core.Problems;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Wherry.Compose.Yaml;

/// <summary>Parses a YAML text into nodes with places: the first stage of reading.</summary>
/// <remarks>Bounded: size, depth and the number of nodes that aliases unfold to, so that no small file becomes a large one.</remarks>
internal sealed class YamlTree
{
    private const int MaxCharacters = 1 << 20;
    private const int MaxDepth = 64;
    private const int MaxNodes = 100_000;
    private const int MaxKeyCharacters = 1024;

    private readonly string _fileName;
    private readonly SpecErrors _errors;
    private readonly YamlEvents _events;
    private readonly Origin? _origin;
    private readonly Dictionary<string, YamlNode> _anchors = [];

    /// <summary>What all aliases so far stand for. Counted as they come, because merging them is work even before the whole is too large.</summary>
    private long _unfolded;

    /// <summary>Values read so far. A long flat list ends here, before it is in memory as a whole.</summary>
    private int _read;

    private YamlTree(string text, string fileName, SpecErrors errors, Origin? origin)
    {
        _fileName = fileName;
        _origin = origin;
        _errors = errors;
        _events = new YamlEvents(text, fileName);
    }

    /// <summary>The root mapping. Duplicate keys and wrong merges go to <paramref name="errors"/>.</summary>
    /// <exception cref="ProblemException"><c>compose/yaml</c> when this is not one YAML mapping, <c>compose/too-large</c> when it is beyond the bounds.</exception>
    public static YamlMap Parse(string text, string fileName, SpecErrors errors, Origin? origin = null)
    {
        if (text.Length > MaxCharacters)
        {
            throw new Problem("compose/too-large", $"{fileName} is larger than 1 MB.", "A Compose file is small; move data into the image or a volume.").AsException();
        }

        return new YamlTree(text.TrimStart('\uFEFF'), fileName, errors, origin).ReadDocument();
    }

    private YamlMap ReadDocument()
    {
        _events.Consume<StreamStart>();
        if (_events.Current is StreamEnd)
        {
            throw Wrong(new Mark(1, 1), "the file is empty", "Describe at least one service under services.");
        }

        _events.Consume<DocumentStart>();
        var root = ReadNode(0);
        _events.Consume<DocumentEnd>();
        return _events.Current is DocumentStart second
            ? throw Wrong(Place(second.Start), "a second document starts here", "Keep one document per file; remove the --- line.")
            : root as YamlMap ?? throw Wrong(root.At, $"the file must be a mapping but is {root.Shape}", "Describe at least one service under services.");
    }

    private YamlNode ReadNode(int depth)
    {
        if (depth > MaxDepth)
        {
            throw TooLarge($"{_fileName}:{Place(_events.Current.Start)} nests deeper than {MaxDepth} levels.");
        }

        if (++_read > MaxNodes)
        {
            throw TooLarge($"{_fileName}:{Place(_events.Current.Start)} has more than {MaxNodes} values.");
        }

        YamlNode node = _events.Current switch
        {
            Scalar => ReadScalar(_events.Consume<Scalar>()),
            SequenceStart => ReadList(depth),
            MappingStart => ReadMap(depth),
            AnchorAlias alias => ReadAlias(alias),
            var other => throw Wrong(Place(other.Start), "a value is missing", "Check the YAML at this place."),
        };
        return node.Size <= MaxNodes ? node : throw TooLarge($"{_fileName}:{node.At} unfolds to more than {MaxNodes} values.");
    }

    private YamlNode ReadAlias(AnchorAlias alias)
    {
        _events.MoveNext();
        var node = _anchors.GetValueOrDefault(alias.Value.Value)
            ?? throw Wrong(Place(alias.Start), $"no anchor &{alias.Value.Value} stands before this alias", "Define the anchor above its first use.");
        _unfolded += node.Size;
        return _unfolded <= MaxNodes ? node : throw TooLarge($"{_fileName}:{Place(alias.Start)} the aliases unfold to more than {MaxNodes} values.");
    }

    private YamlScalar ReadScalar(Scalar scalar)
    {
        var at = Place(scalar.Start);
        if (scalar.Value.Contains('\0', StringComparison.Ordinal))
        {
            throw Wrong(at, "the text contains a NUL character", "Remove it.");
        }

        var tag = TagOf(scalar);
        var kind = scalar.Tag.IsEmpty || tag != MergeTag.None
            ? scalar.Style == ScalarStyle.Plain ? ScalarKinds.Of(scalar.Value) : ScalarKind.Text
            : KindOfTag(scalar.Tag.Value, scalar.Value, at);
        return Anchored(scalar, new YamlScalar(at, scalar.Value, kind, tag: tag));
    }

    private ScalarKind KindOfTag(string tag, string text, Mark at) => tag switch
    {
        "tag:yaml.org,2002:str" or "!" => ScalarKind.Text,
        "tag:yaml.org,2002:int" or "tag:yaml.org,2002:float" or "tag:yaml.org,2002:bool" or "tag:yaml.org,2002:null" => ScalarKinds.Of(text),
        _ => throw UnknownTag(tag, at),
    };

    private YamlList ReadList(int depth)
    {
        var start = _events.Consume<SequenceStart>();
        var tag = CheckTag(start, "tag:yaml.org,2002:seq");
        var items = new List<YamlNode>();
        while (_events.Current is not SequenceEnd)
        {
            items.Add(ReadNode(depth + 1));
        }

        _events.MoveNext();
        return Anchored(start, new YamlList(Place(start.Start), items, tag));
    }

    private YamlMap ReadMap(int depth)
    {
        var start = _events.Consume<MappingStart>();
        var tag = CheckTag(start, "tag:yaml.org,2002:map");
        var entries = new EntryList(_errors);
        while (_events.Current is not MappingEnd)
        {
            var isMerge = _events.Current is Scalar { Value: "<<", Style: ScalarStyle.Plain };
            var keyNode = ReadNode(depth + 1);
            var key = keyNode as YamlScalar
                ?? throw Wrong(keyNode.At, "a key must be a string", "Write the key as plain text before the colon.");
            if (key.Text.Length > MaxKeyCharacters)
            {
                throw TooLarge($"{_fileName}:{key.At} a key is longer than {MaxKeyCharacters} characters.");
            }

            var value = ReadNode(depth + 1);
            if (isMerge)
            {
                entries.Merge(key.At, value);
            }
            else
            {
                entries.Add(new(key.Text, key.At, value));
            }
        }

        _events.MoveNext();
        return Anchored(start, new YamlMap(Place(start.Start), entries.ToList(), tag));
    }

    private MergeTag CheckTag(NodeEvent node, string expected)
    {
        var tag = TagOf(node);
        return tag != MergeTag.None || node.Tag.IsEmpty || node.Tag.Value == expected ? tag : throw UnknownTag(node.Tag.Value, Place(node.Start));
    }

    private static MergeTag TagOf(NodeEvent node) => node.Tag.IsEmpty
        ? MergeTag.None
        : node.Tag.Value switch { "!reset" => MergeTag.Reset, "!override" => MergeTag.Override, _ => MergeTag.None };

    /// <summary>Known from here on only: an alias inside of its own anchor finds nothing, so there are no cycles.</summary>
    private T Anchored<T>(NodeEvent source, T node)
        where T : YamlNode
    {
        if (!source.Anchor.IsEmpty)
        {
            _anchors[source.Anchor.Value] = node;
        }

        return node;
    }

    private ProblemException UnknownTag(string tag, Mark at) => Wrong(at, $"the tag {tag} has no meaning here", "Remove the tag.");

    private ProblemException Wrong(Mark at, string message, string hint) => new Problem("compose/yaml", $"{_fileName}:{at} {message}", hint).AsException();

    private static ProblemException TooLarge(string message) => new Problem("compose/too-large", message, "Write the file flatter, with fewer aliases.").AsException();

    private Mark Place(YamlDotNet.Core.Mark mark) => new(mark.Line, mark.Column, _origin);
}
