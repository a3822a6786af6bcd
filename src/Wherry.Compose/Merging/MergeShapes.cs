using Wherry.Compose.Yaml;

namespace Wherry.Compose.Merging;

/// <summary>Brings the ways to write the same thing into one, so that they can be merged. <see langword="null"/>: it is none of them.</summary>
internal static class MergeShapes
{
    public static YamlMap? AsPairs(YamlNode node) => node is YamlList list && list.Items.All(i => i is YamlScalar { Kind: not ScalarKind.Null and not ScalarKind.Broken })
        ? Distinct(list, list.Items.Cast<YamlScalar>().Select(Pair))
        : node as YamlMap;

    public static YamlMap? AsNames(YamlNode node) => AsNames(node, name => new YamlScalar(name.At, "", ScalarKind.Null));

    public static YamlMap? AsDependencies(YamlNode node) => AsNames(node, name => new YamlMap(name.At, [new("condition", name.At, new YamlScalar(name.At, "service_started", ScalarKind.Text))]));

    public static YamlMap? AsBuild(YamlNode node) => node is YamlScalar { Kind: not ScalarKind.Broken } context
        ? new(context.At, [new("context", context.At, context)])
        : node as YamlMap;

    /// <summary>Each host with an entry of a list that names it; one with several addresses stands there several times.</summary>
    public static IReadOnlyList<(string Host, YamlNode Item)>? AsHosts(YamlNode node) => TreeMerge.Clean(node) switch
    {
        YamlMap { Entries.Count: > 0 } map when map.Entries.All(e => Addresses(e).All(a => a is YamlScalar)) =>
            [.. map.Entries.SelectMany(e => Addresses(e).Cast<YamlScalar>().Select(a => (e.Key, (YamlNode)new YamlScalar(a.At, $"{e.Key}={a.Text}", ScalarKind.Text, a.Written))))],
        YamlList { Items.Count: > 0 } list when list.Items.All(i => i is YamlScalar { Kind: not ScalarKind.Broken }) =>
            [.. list.Items.Cast<YamlScalar>().Select(i => (i.Text[..Math.Max(0, Cut(i.Text))], (YamlNode)i))],
        _ => null,
    };

    public static YamlList AsList(YamlNode node) => node as YamlList ?? new(node.At, [node]);

    private static YamlMap? AsNames(YamlNode node, Func<YamlScalar, YamlNode> value) => node is YamlList list && list.Items.All(i => i is YamlScalar { Kind: not ScalarKind.Null and not ScalarKind.Broken })
        ? Distinct(list, list.Items.Cast<YamlScalar>().Select(i => new YamlEntry(i.Text, i.At, value(i))))
        : node as YamlMap;

    /// <summary>Of two with the same name the later one counts, as in a list that is read alone.</summary>
    private static YamlMap Distinct(YamlList list, IEnumerable<YamlEntry> entries) => new(list.At, [.. entries.Reverse().DistinctBy(e => e.Key).Reverse()], list.Tag);

    private static YamlEntry Pair(YamlScalar item)
    {
        var equals = item.Text.IndexOf('=', StringComparison.Ordinal);
        return equals < 0
            ? new(item.Text, item.At, new YamlScalar(item.At, "", ScalarKind.Null, tag: item.Tag))
            : new(item.Text[..equals], item.At, new YamlScalar(item.At, item.Text[(equals + 1)..], ScalarKind.Text, item.Written, item.Tag));
    }

    private static IReadOnlyList<YamlNode> Addresses(YamlEntry entry) => entry.Value is YamlList list ? list.Items : [entry.Value];

    private static int Cut(string text) => text.IndexOf('=', StringComparison.Ordinal) is >= 0 and var equals ? equals : text.IndexOf(':', StringComparison.Ordinal);
}
