using Wherry.Compose.Yaml;

namespace Wherry.Compose.Reading;

/// <summary>A mapping with known keys. Asking for a key makes it known; <see cref="Close"/> reports the others.</summary>
internal sealed class Fields(string path, YamlMap map, SpecErrors errors)
{
    private const int MaxListed = 15;
    private const int MaxSuggested = 60;

    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    public string Path => path;

    public Mark At => map.At;

    /// <summary>The value, or <see langword="null"/> when the key is missing or has none.</summary>
    public Field? this[string key] => Find(key) is { } entry && !entry.Value.IsNull ? new(Below(key), entry.Value, errors) : null;

    /// <summary>Whether the key stands there, with or without a value.</summary>
    public bool Has(string key) => Find(key) is not null;

    public void Wrong(string code, string message, string hint) => errors.Add(map.At, path, code, message, hint);

    /// <summary>Keys of the specification that Wherry cannot honour; a value that only repeats the default is fine.</summary>
    /// <param name="reasons">Why not, and what to do instead, by key.</param>
    public void Refuse(IReadOnlyDictionary<string, string> reasons)
    {
        foreach (var (key, reason) in reasons)
        {
            if (Find(key) is { } entry && !SaysNothing(entry.Value))
            {
                errors.Add(entry.At, Below(key), "compose/unsupported-key", $"{key} is not supported: {reason}", "Remove the key.");
            }
        }
    }

    /// <summary>Keys that are fine but change nothing here.</summary>
    public void Ignore(string why, params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            if (Find(key) is { } entry && !SaysNothing(entry.Value))
            {
                errors.Warn(entry.At, Below(key), "compose/no-effect", $"{key} has no effect: {why}");
            }
        }
    }

    /// <summary>Reports every key that nobody asked for. <c>x-*</c> is for others, except what looks like our own.</summary>
    public void Close()
    {
        var unknown = map.Entries.Where(e => !_known.Contains(e.Key) && !IsForOthers(e.Key));
        foreach (var (index, entry) in unknown.Index())
        {
            var near = index < MaxSuggested ? Suggest(entry.Key) : null;
            errors.Add(entry.At, Below(entry.Key), "compose/unknown-key", near is null ? "unknown key" : $"unknown key; did you mean \"{near}\"?", near is null ? KnownKeys() : "");
        }
    }

    private YamlEntry? Find(string key)
    {
        _known.Add(key);
        return map.Find(key);
    }

    private string Below(string key) => path.Length > 0 ? $"{path}.{key}" : key;

    private static bool IsForOthers(string key) => key.StartsWith("x-", StringComparison.Ordinal) && key != "x-wherry";

    private static bool SaysNothing(YamlNode value) => value switch
    {
        YamlScalar scalar => scalar.Kind == ScalarKind.Null || scalar.Text is "" or "false",
        YamlList list => list.Items.Count == 0,
        YamlMap inner => inner.Entries.Count == 0,
        _ => false,
    };

    private string KnownKeys() => _known.Count > MaxListed
        ? "See the Compose specification for the keys that can stand here."
        : $"Known here: {string.Join(", ", _known.Order(StringComparer.Ordinal))}.";

    private string? Suggest(string key)
    {
        var best = _known.Select(k => (Key: k, Distance: Distance(key.ToLowerInvariant().Replace('-', '_'), k))).MinBy(k => k.Distance);
        return best.Key is not null && best.Distance <= Math.Max(1, key.Length / 3) ? best.Key : null;
    }

    /// <summary>Edits between two words; swapping two neighbours is one.</summary>
    private static int Distance(string a, string b)
    {
        if (a.Length > 40)
        {
            return int.MaxValue;
        }

        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                d[i, j] = i == 0 || j == 0 ? i + j : Math.Min(Math.Min(d[i - 1, j], d[i, j - 1]) + 1, d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
                }
            }
        }

        return d[a.Length, b.Length];
    }
}
