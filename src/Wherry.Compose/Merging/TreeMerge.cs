using Wherry.Compose.Yaml;

namespace Wherry.Compose.Merging;

/// <summary>Puts a later file's values over an earlier one's, by the rules of the specification. Every value keeps its place.</summary>
internal sealed class TreeMerge(SpecErrors errors)
{
    /// <param name="old">The earlier value; it has no tags any more.</param>
    /// <param name="over">The later value.</param>
    /// <param name="path">Where they stand.</param>
    public YamlMap Merge(YamlMap old, YamlMap over, MergePath path)
    {
        var entries = new List<YamlEntry?>(old.Entries);
        var places = old.Entries.Index().ToDictionary(e => e.Item.Key, e => e.Index, StringComparer.Ordinal);
        foreach (var entry in over.Entries)
        {
            var there = places.TryGetValue(entry.Key, out var place);
            var value = entry.Value.Tag == MergeTag.Reset ? null
                : there ? Merge(entries[place]!.Value, entry.Value, path.Below(entry.Key))
                : Clean(entry.Value);
            var merged = value is null ? null : (there ? entries[place]! : entry) with { Value = value };
            if (there)
            {
                entries[place] = merged;
            }
            else
            {
                entries.Add(merged);
            }
        }

        return new(old.At, [.. entries.OfType<YamlEntry>()]);
    }

    /// <summary>A value that nothing stands before: what it resets is not there.</summary>
    public static YamlNode Clean(YamlNode node) => (node.HasTags, node) switch
    {
        (false, _) => node,
        (_, YamlMap map) => Clean(map),
        (_, YamlList list) => new YamlList(list.At, [.. list.Items.Where(i => i.Tag != MergeTag.Reset).Select(Clean)]),
        (_, YamlScalar scalar) => new YamlScalar(scalar.At, scalar.Text, scalar.Kind, scalar.Written),
        _ => node,
    };

    /// <summary>The same value with another tag.</summary>
    public static YamlNode Tagged(YamlNode node, MergeTag tag) => node switch
    {
        YamlMap map => new YamlMap(map.At, map.Entries, tag),
        YamlList list => new YamlList(list.At, list.Items, tag),
        YamlScalar scalar => new YamlScalar(scalar.At, scalar.Text, scalar.Kind, scalar.Written, tag),
        _ => node,
    };

    /// <inheritdoc cref="Clean(YamlNode)"/>
    public static YamlMap Clean(YamlMap map) => new(map.At, [.. map.Entries.Where(e => e.Value.Tag != MergeTag.Reset).Select(e => e with { Value = Clean(e.Value) })]);

    private YamlNode Merge(YamlNode old, YamlNode over, MergePath path)
    {
        if (over.Tag == MergeTag.Override || old.IsNull)
        {
            return Clean(over);
        }

        if (over.IsNull && old is not YamlScalar)
        {
            return old; // "data:" says nothing new about a volume that is described already
        }

        return MergeRules.Of(path) switch
        {
            MergeRule.Replace => Clean(over),
            MergeRule.Pairs when MergeShapes.AsPairs(old) is { } pairs && MergeShapes.AsPairs(over) is { } more => Merge(pairs, more, path),
            MergeRule.Names when MergeShapes.AsNames(old) is { } names && MergeShapes.AsNames(over) is { } more => Merge(names, more, path),
            MergeRule.Dependencies when MergeShapes.AsDependencies(old) is { } names && MergeShapes.AsDependencies(over) is { } more => Merge(names, more, path),
            MergeRule.Build when MergeShapes.AsBuild(old) is { } build && MergeShapes.AsBuild(over) is { } more => Merge(build, more, path),
            MergeRule.Hosts when MergeShapes.AsHosts(old) is { } hosts && MergeShapes.AsHosts(over) is { } more => MergeHosts(hosts, more),
            MergeRule.Texts => MergeItems(MergeShapes.AsList(old), MergeShapes.AsList(over), i => (i as YamlScalar)?.Text),
            MergeRule.Items => MergeItems(MergeShapes.AsList(old), MergeShapes.AsList(over), i => ItemKeys.Of(path, i)),
            MergeRule.Driver when Driver(old) != Driver(over) && Driver(over) is not null => Clean(over),
            MergeRule.Limit when old is not YamlMap || over is not YamlMap => Clean(over),
            _ => MergePlain(old, over, path),
        };
    }

    private YamlNode MergePlain(YamlNode old, YamlNode over, MergePath path)
    {
        switch (old, over)
        {
            case (YamlMap a, YamlMap b):
                return Merge(a, b, path);
            case (YamlList, YamlList) when MergeRules.ReplacesLists(path):
            case (YamlScalar, YamlScalar):
            case (_, YamlScalar { Kind: ScalarKind.Broken }) or (YamlScalar { Kind: ScalarKind.Broken }, _):
                return Clean(over);
            case (YamlList a, YamlList b):
                return new YamlList(a.At, [.. a.Items, .. ((YamlList)Clean(b)).Items]);
            default:
                if (path.Written.StartsWith("x-", StringComparison.Ordinal) || MergeRules.ReplacesLists(path))
                {
                    return Clean(over);
                }

                errors.Add(over.At, path.Written, "compose/merge", $"this is {over.Shape}, but {Place(old)} it is {old.Shape}", "Write both the same way, or put !override before this value.");
                return old;
        }
    }

    private static YamlList MergeItems(YamlList old, YamlList over, Func<YamlNode, string?> key)
    {
        var items = new List<YamlNode>(old.Items);
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (index, item) in old.Items.Index())
        {
            if (key(item) is { } known)
            {
                places[known] = index;
            }
        }

        foreach (var item in ((YamlList)Clean(over)).Items)
        {
            if (key(item) is { } known && places.TryGetValue(known, out var place))
            {
                items[place] = item;
            }
            else
            {
                items.Add(item); // what stands twice in one file stays twice: reading tells it
            }
        }

        return new(old.At, items);
    }

    private static YamlList MergeHosts(IReadOnlyList<(string Host, YamlNode Item)> old, IReadOnlyList<(string Host, YamlNode Item)> over)
    {
        var named = over.Select(h => h.Host).ToHashSet(StringComparer.Ordinal);
        var all = old.Where(h => !named.Contains(h.Host)).Concat(over).Select(h => h.Item).ToList();
        return new((old is [var first, ..] ? first : over[0]).Item.At, all);
    }

    private static string? Driver(YamlNode node) => ((node as YamlMap)?.Find("driver")?.Value as YamlScalar)?.Text;

    private static string Place(YamlNode node) => $"at {node.At.Origin?.File}:{node.At}";
}
