using Wherry.Compose.Exporting;

namespace Wherry.Compose.Writing;

/// <summary>Values for a Compose file, in which <c>$</c> begins a variable: each is written twice, and the mark of a secret is its variable. Nothing gives nothing.</summary>
internal static class Escaped
{
    public static string? Text(string? text) => text is null ? null : SecretMark.Replace(text.Replace("$", "$$", StringComparison.Ordinal), name => $"${{{name}}}");

    /// <summary><see langword="null"/> and empty are two things: an empty list takes away what the image says.</summary>
    public static YamlSequence? List(IEnumerable<string>? texts) => texts is null ? null : new(texts.Select(t => Text(t)!));

    /// <summary>An empty list is left out.</summary>
    public static YamlSequence? Some(IEnumerable<string>? texts) => List(texts)?.OrNothing();

    /// <summary>An empty mapping is left out.</summary>
    public static YamlMapping? Pairs(IEnumerable<KeyValuePair<string, string>>? pairs) =>
        pairs is null ? null : new YamlMapping(pairs.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, Text(p.Value)!))).OrNothing();
}
