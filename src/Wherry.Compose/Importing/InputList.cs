using Wherry.Compose.Yaml;

namespace Wherry.Compose.Importing;

/// <summary>The variables that a finished tree asks for, each once, in the order of the file.</summary>
internal static class InputList
{
    private const int MaxUses = 3;

    private static readonly string[] SecretWords = ["PASSWORD", "PASSWD", "SECRET", "TOKEN", "APIKEY", "API_KEY", "ACCESS_KEY", "PRIVATE_KEY", "CREDENTIAL"];

    /// <param name="known">What the importer knows of a variable beside its name; <see langword="null"/> for one that only the file knows.</param>
    public static IReadOnlyList<ImportInput> Of(YamlMap root, Func<string, ImportInput?> known)
    {
        var uses = new OrderedDictionary<string, List<Use>>(StringComparer.Ordinal);
        foreach (var (path, text) in root.Texts())
        {
            foreach (var use in UsesIn(path, text))
            {
                if (!uses.TryGetValue(use.Reference.Name, out var list))
                {
                    uses.Add(use.Reference.Name, list = []);
                }

                list.Add(use);
            }
        }

        var all = uses.Select(u => Describe(u.Key, u.Value, known(u.Key))).ToList();
        var keys = all.Select(i => i.Shape).OfType<ValueShape.SignedToken>().Select(t => t.KeyName).Distinct().Where(k => all.TrueForAll(i => i.Name != k));
        return [.. all, .. keys.ToList().Select(known).OfType<ImportInput>().Select(k => k with { Purpose = "key that tokens are signed with" })];
    }

    /// <summary>The name says that the value is nobody's business.</summary>
    public static bool LooksSecret(string name) => SecretWords.Any(w => name.Contains(w, StringComparison.OrdinalIgnoreCase));

    private static ImportInput Describe(string name, List<Use> uses, ImportInput? known)
    {
        var places = uses.Select(u => u.Place).Distinct().ToList();
        var where = string.Join(", ", places.Take(MaxUses)) + (places.Count > MaxUses ? $" and {places.Count - MaxUses} more" : "");
        if (known is not null)
        {
            return known with { Purpose = known.Purpose.Length > 0 ? known.Purpose : where };
        }

        var reason = uses.Select(u => u.Reference).FirstOrDefault(r => r.Operator is ":?" or "?");
        return new(name, InputKind.Value, reason is { Rest.Length: > 0 } ? $"{reason.Rest} ({where})" : where)
        {
            Required = reason is not null,
            Default = uses.Select(u => u.Reference).FirstOrDefault(r => r.Operator is ":-" or "-")?.Rest,
            Secret = LooksSecret(name),
        };
    }

    /// <summary>Variables of one value. An item of <c>environment</c> without a value is a variable too.</summary>
    private static IEnumerable<Use> UsesIn(string path, string text)
    {
        var keys = path.Split('.');
        var isService = keys is ["services", _, ..];
        if (keys is ["services", _, "environment"] && !text.Contains('=', StringComparison.Ordinal))
        {
            return [new(new(text, "", "", IsBraced: false), $"{text} of {keys[1]}")];
        }

        var key = keys is ["services", _, "environment"] ? text[..text.IndexOf('=', StringComparison.Ordinal)] : keys[^1];
        return VariableText.References(text).Select(r => new Use(r, isService ? $"{key} of {keys[1]}" : path));
    }

    private sealed record Use(VariableText.Reference Reference, string Place);
}
