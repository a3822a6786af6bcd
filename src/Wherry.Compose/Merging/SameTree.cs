using Wherry.Compose.Yaml;

namespace Wherry.Compose.Merging;

/// <summary>Whether two values say the same, wherever they are written and in whichever order their keys stand.</summary>
internal static class SameTree
{
    public static bool Are(YamlNode one, YamlNode other) => (one, other) switch
    {
        (YamlScalar a, YamlScalar b) => a.Text == b.Text && a.IsNull == b.IsNull,
        (YamlList a, YamlList b) => a.Items.Count == b.Items.Count && a.Items.Zip(b.Items).All(p => Are(p.First, p.Second)),
        (YamlMap a, YamlMap b) => Are(a, b),
        _ => false,
    };

    private static bool Are(YamlMap one, YamlMap other)
    {
        var others = other.Entries.ToDictionary(e => e.Key, e => e.Value, StringComparer.Ordinal);
        return one.Entries.Count == others.Count && one.Entries.All(e => others.TryGetValue(e.Key, out var value) && Are(e.Value, value));
    }
}
