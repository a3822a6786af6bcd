using System.Text.RegularExpressions;
using Wherry.Compose.Reading;
using Wherry.Core.Problems;

namespace Wherry.Compose.Importing.Resources;

/// <summary>What stands in <c>${…}</c> of a resource, as variables of Compose.</summary>
internal sealed partial class ResourceReferences
{
    private const int MadeLength = 32;

    private readonly Dictionary<string, ImportInput> _inputs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DatabaseResource> _databases = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What is known of a variable.</summary>
    public ImportInput? Known(string name) => _inputs.GetValueOrDefault(name);

    /// <summary>From here on the database is referred to by its name, and by its type when it is the first of it.</summary>
    public void Add(DatabaseResource database)
    {
        _databases.TryAdd(database.Kind.Name, database);
        _databases[database.Name] = database;
        if (database.Kind.Name == "postgresql")
        {
            _databases.TryAdd("postgres", database);
        }
    }

    /// <summary>The text with references resolved; <see langword="null"/> after a report.</summary>
    /// <param name="service">Service that it belongs to.</param>
    /// <param name="key">Names a value that is to be made.</param>
    /// <param name="used">Told each database that is referred to.</param>
    public string? Resolve(Field field, string service, string key, Action<DatabaseResource>? used = null)
    {
        var text = field.Text();
        return text is null ? null : Reference().Replace(text, match => match.Groups["name"] switch
        {
            { Success: false } => "$$",
            { Value: "GENERATED" } => Made(service, key),
            { Value: "secrets" } when match.Groups["part"].Success => Secret(match.Groups["part"].Value),
            var name when match.Groups["part"].Success => OfDatabase(field, name.Value, match.Groups["part"].Value, used),
            var name when Variable().IsMatch(name.Value) => $"${{{name.Value}:?}}",
            var name => Wrong(field, name.Value),
        });
    }

    /// <summary>The host that a service is reached by when its resource names none.</summary>
    public string Host(string service)
    {
        var name = ImportNames.Variable($"{service}_HOST");
        _inputs[name] = new(name, InputKind.Host, "") { Required = true };
        return $"${{{name}:?needs a host name}}";
    }

    private string Made(string service, string key)
    {
        var name = ImportNames.Variable($"{service}_{key}");
        _inputs[name] = new(name, InputKind.Generated, "") { Shape = new ValueShape.Word(MadeLength), Secret = true };
        return $"${{{name}}}";
    }

    private string Secret(string name)
    {
        _inputs[name] = new(name, InputKind.Value, "") { Required = true, Secret = true };
        return $"${{{name}:?}}";
    }

    private string OfDatabase(Field field, string name, string part, Action<DatabaseResource>? used)
    {
        if (!_databases.TryGetValue(name, out var database))
        {
            return Wrong(field, name);
        }

        used?.Invoke(database);
        return database.Part(part) ?? Wrong(field, $"{name}.{part}");
    }

    private string Wrong(Field field, string name)
    {
        var known = _databases.Keys.Select(k => $"${{{k}.connectionString}}").Order(StringComparer.Ordinal).Concat(["${GENERATED}", "${secrets.NAME}", "${VARIABLE}"]);
        field.Wrong("import/reference", $"{Problem.Quoted($"${{{name}}}")} refers to nothing", $"Known here: {string.Join(", ", known)}.");
        return "";
    }

    [GeneratedRegex(@"\$(?:\{(?<name>[A-Za-z0-9_-]+)(?:\.(?<part>[A-Za-z0-9_]+))?\})?")]
    private static partial Regex Reference();

    [GeneratedRegex(@"\A[A-Z_][A-Z0-9_]*\z")]
    private static partial Regex Variable();
}
