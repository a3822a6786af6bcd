using System.Globalization;
using Wherry.Compose.Yaml;

namespace Wherry.Compose.Importing;

/// <summary>Makes parts of a tree, and changed copies of them.</summary>
internal static class TreeEdit
{
    public static YamlScalar Text(string text) => new(default, text, ScalarKind.Text);

    /// <summary>A plain value that means what it would mean in a file: <c>8080</c>, <c>0755</c>, <c>true</c>.</summary>
    public static YamlScalar Plain(string text) => new(default, text, ScalarKinds.Of(text));

    public static YamlScalar Number(int number) => new(default, number.ToString(CultureInfo.InvariantCulture), ScalarKind.Int);

    public static YamlScalar Nothing() => new(default, "", ScalarKind.Null);

    public static YamlList List(params IEnumerable<YamlNode> items) => new(default, [.. items]);

    /// <summary>A mapping; entries without a value are left out.</summary>
    public static YamlMap Map(params IEnumerable<(string Key, YamlNode? Value)> entries) =>
        new(default, [.. entries.Where(e => e.Value is not null).Select(e => new YamlEntry(e.Key, default, e.Value!))]);

    /// <summary>With this entry, in its old place when it was there.</summary>
    public static YamlMap With(this YamlMap map, string key, YamlNode value) => map.Find(key) is { } old
        ? new(map.At, [.. map.Entries.Select(e => e == old ? e with { Value = value } : e)])
        : new(map.At, [.. map.Entries, new YamlEntry(key, default, value)]);

    public static YamlMap Without(this YamlMap map, params string[] keys) => new(map.At, [.. map.Entries.Where(e => !keys.Contains(e.Key))]);

    /// <summary>The text of an entry; <see langword="null"/> when it is not there, empty or no scalar.</summary>
    public static string? TextOf(this YamlMap map, string key) => map.Find(key)?.Value is YamlScalar { Kind: not ScalarKind.Null, Text: { Length: > 0 } text } ? text : null;

    public static YamlMap? MapOf(this YamlMap map, string key) => map.Find(key)?.Value as YamlMap;

    public static IReadOnlyList<YamlNode> ItemsOf(this YamlMap map, string key) => (map.Find(key)?.Value as YamlList)?.Items ?? [];

    /// <summary>A copy in which every scalar that is a value went through <paramref name="change"/>.</summary>
    public static YamlNode EachText(this YamlNode node, Func<string, string> change) => node switch
    {
        YamlMap map => new YamlMap(map.At, [.. map.Entries.Select(e => e with { Value = e.Value.EachText(change) })]),
        YamlList list => new YamlList(list.At, [.. list.Items.Select(i => i.EachText(change))]),
        YamlScalar scalar when change(scalar.Text) is var text && text != scalar.Text => new YamlScalar(scalar.At, text, scalar.Kind),
        _ => node,
    };

    /// <summary>Every scalar that is a value, with the keys that lead to it; items of a list have none.</summary>
    public static IEnumerable<(string Path, string Text)> Texts(this YamlNode node, string path = "") => node switch
    {
        YamlMap map => map.Entries.SelectMany(e => e.Value.Texts(path.Length == 0 ? e.Key : $"{path}.{e.Key}")),
        YamlList list => list.Items.SelectMany(i => i.Texts(path)),
        YamlScalar { Kind: not ScalarKind.Null } scalar => [(path, scalar.Text)],
        _ => [],
    };
}
