using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Wherry.Docker.Connection;

/// <summary>A query string; absent values are left out.</summary>
internal sealed class Query
{
    private readonly StringBuilder _text = new();

    public Query Add(string name, string? value)
    {
        if (value is not null)
        {
            _text.Append(_text.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }

        return this;
    }

    public Query Add(string name, long? value) => Add(name, value?.ToString(CultureInfo.InvariantCulture));

    public Query Add(string name, bool value) => Add(name, value ? "1" : null);

    public Query Add(string name, IReadOnlyDictionary<string, string> values) =>
        Add(name, values.Count == 0 ? null : JsonSerializer.Serialize(values, DockerJson.Default.IReadOnlyDictionaryStringString));

    public Query AddAll(string name, IEnumerable<string> values)
    {
        foreach (var value in values)
        {
            Add(name, value);
        }

        return this;
    }

    public override string ToString() => _text.ToString();
}

/// <summary>The engine's <c>filters</c> parameter: key to wanted values.</summary>
internal static class Filters
{
    /// <summary>A label filter; a <see langword="null"/> value asks for the key alone.</summary>
    public static string? OfLabels(IReadOnlyDictionary<string, string?> labels) =>
        Write([("label", [.. labels.Select(l => l.Value is null ? l.Key : $"{l.Key}={l.Value}")])]);

    public static string? Write(IReadOnlyList<(string Key, IReadOnlyList<string> Values)> filters)
    {
        var wanted = filters.Where(f => f.Values.Count > 0).ToDictionary(f => f.Key, f => f.Values, StringComparer.Ordinal);
        return wanted.Count == 0 ? null : JsonSerializer.Serialize(wanted, DockerJson.Default.DictionaryStringIReadOnlyListString);
    }
}
