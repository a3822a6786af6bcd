using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Wherry.Compose.Yaml;

namespace Wherry.Compose.Tests.XWherry;

/// <summary>Checks a YAML value against the parts of JSON Schema that our schema uses; a word that it does not know is an error, not a pass.</summary>
internal sealed class SchemaCheck(JsonElement root)
{
    private static readonly string[] Silent = ["$schema", "$id", "$defs", "title", "description", "default"];

    public List<string> Check(YamlNode node) => Check(root, node);

    private List<string> Check(JsonElement schema, YamlNode node) =>
        [.. schema.EnumerateObject().Where(word => !Silent.Contains(word.Name)).SelectMany(word => Check(schema, word, node)).Select(e => $"{node.At}: {e}")];

    private IEnumerable<string> Check(JsonElement schema, JsonProperty word, YamlNode node) => word.Name switch
    {
        "$ref" => Check(root.GetProperty("$defs").GetProperty(word.Value.GetString()!["#/$defs/".Length..]), node),
        "type" => Expect(Is(node, word.Value.GetString()!), $"is not of type {word.Value}"),
        "oneOf" => Expect(word.Value.EnumerateArray().Count(s => Check(s, node).Count == 0) == 1, "is not exactly one of the choices"),
        "not" => Expect(Check(word.Value, node).Count > 0, "is what it must not be"),
        "enum" => Expect(word.Value.EnumerateArray().Any(v => v.GetString() == Text(node)), $"is not one of {word.Value}"),
        "const" => Expect(Number(node) == word.Value.GetInt64(), $"is not {word.Value}"),
        "minimum" => Expect(Number(node) is null || Number(node) >= word.Value.GetInt64(), $"is below {word.Value}"),
        "maximum" => Expect(Number(node) is null || Number(node) <= word.Value.GetInt64(), $"is above {word.Value}"),
        "minLength" => Expect(Text(node) is null || Text(node)!.Length >= word.Value.GetInt32(), "is too short"),
        "maxLength" => Expect(Text(node) is null || Text(node)!.Length <= word.Value.GetInt32(), "is too long"),
        "minItems" => Expect(node is not YamlList list || list.Items.Count >= word.Value.GetInt32(), "has too few items"),
        "pattern" => Expect(Text(node) is null || Regex.IsMatch(Text(node)!, word.Value.GetString()!), $"does not match {word.Value}"),
        "required" => word.Value.EnumerateArray().Where(n => node is YamlMap map && map.Find(n.GetString()!) is null).Select(n => $"lacks {n}"),
        "items" => node is YamlList items ? items.Items.SelectMany(i => Check(word.Value, i)) : [],
        "properties" => node is YamlMap map ? map.Entries.SelectMany(e => word.Value.TryGetProperty(e.Key, out var s) ? Check(s, e.Value) : []) : [],
        "additionalProperties" => node is YamlMap map ? map.Entries.Where(e => !IsNamed(schema, e.Key)).SelectMany(e => word.Value.ValueKind is JsonValueKind.False ? [$"has the unknown key {e.Key}"] : Check(word.Value, e.Value)) : [],
        _ => throw new NotSupportedException(word.Name),
    };

    private static bool IsNamed(JsonElement schema, string key) => schema.TryGetProperty("properties", out var named) && named.TryGetProperty(key, out _);

    private static IEnumerable<string> Expect(bool holds, string error) => holds ? [] : [error];

    private static bool Is(YamlNode node, string type) => type switch
    {
        "object" => node is YamlMap,
        "array" => node is YamlList,
        "string" => Text(node) is not null,
        "integer" => Number(node) is not null,
        "boolean" => node is YamlScalar { Kind: ScalarKind.Bool },
        _ => throw new NotSupportedException(type),
    };

    private static string? Text(YamlNode node) => node is YamlScalar { Kind: ScalarKind.Text } scalar ? scalar.Text : null;

    private static long? Number(YamlNode node) => node is YamlScalar { Kind: ScalarKind.Int } scalar ? long.Parse(scalar.Canonical, CultureInfo.InvariantCulture) : null;
}
