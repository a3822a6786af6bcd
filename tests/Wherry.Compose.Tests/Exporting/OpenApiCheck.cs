using System.Globalization;
using System.Text.Json;
using Wherry.Compose.Yaml;

namespace Wherry.Compose.Tests.Exporting;

/// <summary>Checks a YAML value against a schema of an OpenAPI document, strictly: an object with properties has no others. A word that it does not know is an error, not a pass.</summary>
internal sealed class OpenApiCheck(params IReadOnlyList<JsonElement> documents)
{
    private static readonly string[] Silent = ["description", "default", "format", "example", "nullable"];

    /// <summary>Whether one of the documents has this schema.</summary>
    public bool Has(string name) => Find(name) is not null;

    public List<string> Check(string name, YamlNode node) => [.. Check(Find(name) ?? throw new InvalidOperationException($"there is no schema {name}"), node, name)];

    private JsonElement? Find(string name)
    {
        foreach (var document in documents)
        {
            if (document.GetProperty("components").GetProperty("schemas").TryGetProperty(name, out var schema))
            {
                return schema;
            }
        }

        return null;
    }

    private IEnumerable<string> Check(JsonElement schema, YamlNode node, string path) =>
        schema.EnumerateObject().Where(w => !Silent.Contains(w.Name) && !w.Name.StartsWith("x-", StringComparison.Ordinal)).SelectMany(word => Check(schema, word, node, path));

    private IEnumerable<string> Check(JsonElement schema, JsonProperty word, YamlNode node, string path) => word.Name switch
    {
        "$ref" => Check(word.Value.GetString()!["#/components/schemas/".Length..], node).Select(e => $"{path}: {e}"),
        "allOf" => word.Value.EnumerateArray().SelectMany(s => Check(s, node, path)),
        "oneOf" => word.Value.EnumerateArray().Count(s => !Check(s, node, path).Any()) == 1 ? [] : [$"{path} is not exactly one of the choices"],
        "type" => Is(node, word.Value.GetString()!) ? [] : [$"{path} at {node.At} is not of type {word.Value}"],
        "required" => word.Value.EnumerateArray().Select(n => n.GetString()!).Where(n => node is YamlMap map && map.Find(n) is null).Select(n => $"{path} lacks {n}"),
        "items" => node is YamlList list ? list.Items.SelectMany((item, i) => Check(word.Value, item, $"{path}[{i}]")) : [],
        "properties" => node is YamlMap map ? map.Entries.SelectMany(e => word.Value.TryGetProperty(e.Key, out var inner) ? Check(inner, e.Value, $"{path}.{e.Key}") : [$"{path} has the unknown key {e.Key}"]) : [],
        "additionalProperties" => node is YamlMap map && !schema.TryGetProperty("properties", out _) ? map.Entries.SelectMany(e => Check(word.Value, e.Value, $"{path}.{e.Key}")) : [],
        "enum" => word.Value.EnumerateArray().Any(v => node is YamlScalar scalar && v.GetString() == scalar.Text) ? [] : [$"{path} is none of {word.Value}"],
        "minimum" => node is YamlScalar { Kind: ScalarKind.Int } number && long.Parse(number.Canonical, CultureInfo.InvariantCulture) < word.Value.GetInt64() ? [$"{path} is below {word.Value}"] : [],
        "maximum" => node is YamlScalar { Kind: ScalarKind.Int } number && long.Parse(number.Canonical, CultureInfo.InvariantCulture) > word.Value.GetInt64() ? [$"{path} is above {word.Value}"] : [],
        _ => throw new NotSupportedException(word.Name),
    };

    private static bool Is(YamlNode node, string type) => type switch
    {
        "object" => node is YamlMap,
        "array" => node is YamlList,
        "string" => node is YamlScalar { Kind: ScalarKind.Text },
        "integer" => node is YamlScalar { Kind: ScalarKind.Int },
        "number" => node is YamlScalar { Kind: ScalarKind.Int or ScalarKind.Float },
        "boolean" => node is YamlScalar { Kind: ScalarKind.Bool },
        _ => throw new NotSupportedException(type),
    };
}
