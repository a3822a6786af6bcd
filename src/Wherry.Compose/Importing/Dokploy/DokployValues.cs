using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Wherry.Core.Problems;

namespace Wherry.Compose.Importing.Dokploy;

/// <summary>The variables and helpers of a <c>template.toml</c>, as variables of Compose.</summary>
/// <param name="variables">The section <c>variables</c>.</param>
/// <param name="environment">The section <c>config.env</c>.</param>
internal sealed partial class DokployValues(IReadOnlyDictionary<string, string> variables, IReadOnlyDictionary<string, string> environment)
{
    private static readonly string[] Helpers = ["domain", "base64", "password", "hash", "uuid", "randomPort", "timestamp", "timestampms", "timestamps", "jwt", "email", "username"];

    private readonly Dictionary<string, ImportInput> _inputs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _known = new(StringComparer.Ordinal);
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);

    /// <summary>What is known of a variable of the Compose file.</summary>
    public ImportInput? Known(string name) => _inputs.GetValueOrDefault(name);

    /// <summary>What stands in the Compose file for a variable of <c>config.env</c>; <see langword="null"/> when it has none of that name.</summary>
    public string? OfEnvironment(string name) => environment.TryGetValue(name, out var text) ? Remembered($"env {name}", () => Named(text, name, isOpen: true)) : null;

    /// <summary>A text with references, for the Compose file.</summary>
    /// <param name="key">Names what is made for it.</param>
    /// <param name="strict">What refers to nothing is an error; else it is text.</param>
    /// <exception cref="ProblemException"><c>import/dokploy-helper</c>.</exception>
    public string Expand(string text, string key, bool strict = true)
    {
        var number = 0;
        return Reference().Replace(text, match => !match.Groups["name"].Success ? "$$"
            : Find(match.Groups["name"].Value, ImportNames.Variable(++number == 1 ? key : $"{key}_{number}"))
            ?? (strict ? throw Unknown(match.Value) : VariableText.Escape(match.Value)));
    }

    /// <summary>The input of a host that the template does not name.</summary>
    public string Host(string service) => Input(new($"{ImportNames.Variable(service)}_HOST", InputKind.Host, "") { Required = true });

    private string? Find(string name, string variable)
    {
        if (variables.TryGetValue(name, out var text) && !_open.Contains(name))
        {
            return Remembered(name, () => Named(text, ImportNames.Variable(name), isOpen: false));
        }

        return environment.ContainsKey(name) && !_open.Contains($"env {name}") ? OfEnvironment(name) : Helper(name, variable);
    }

    /// <summary>A value that has a name of its own.</summary>
    /// <param name="isOpen">A person may give another: it is a variable also when it is a text.</param>
    private string Named(string text, string name, bool isOpen)
    {
        if (Reference().Match(text) is { Success: true } match && match.Length == text.Length && match.Groups["name"].Success)
        {
            return Find(match.Groups["name"].Value, name) ?? throw Unknown(text);
        }

        if (!isOpen || Reference().IsMatch(text) || text.Contains('}', StringComparison.Ordinal))
        {
            return Expand(text, name);
        }

        _inputs.TryAdd(name, new(name, InputKind.Value, "") { Default = text, Secret = InputList.LooksSecret(name) });
        return text.Length == 0 ? $"${{{name}}}" : $"${{{name}:-{text}}}";
    }

    private string Remembered(string name, Func<string> find)
    {
        if (!_known.TryGetValue(name, out var text))
        {
            _open.Add(name);
            _known[name] = text = find();
            _open.Remove(name);
        }

        return text;
    }

    private string? Helper(string text, string name)
    {
        var parts = text.Split(':', 2);
        var rest = parts.Length > 1 ? parts[1] : "";
        return parts[0] switch
        {
            "domain" => Input(new(name, InputKind.Host, "") { Required = true }),
            "base64" => Made(name, new ValueShape.Base64(Length(text, rest, 32))),
            "password" => Made(name, new ValueShape.Word(Length(text, rest, 16))),
            "hash" => Made(name, new ValueShape.HexDigits(Length(text, rest, 8))),
            "uuid" => Made(name, new ValueShape.Uuid(), secret: false),
            "randomPort" => Made(name, new ValueShape.Port(), secret: false),
            "username" => Made(name, new ValueShape.Word(16) { IsName = true }, secret: false),
            "email" => $"{Made($"{name}_NAME", new ValueShape.Word(12) { IsName = true }, secret: false)}@example.com",
            "timestamp" or "timestampms" => Time(text, rest, name, inMilliseconds: true),
            "timestamps" => Time(text, rest, name, inMilliseconds: false),
            "jwt" => Token(text, rest.Split(':'), name),
            _ => null,
        };
    }

    private string Time(string text, string rest, string name, bool inMilliseconds)
    {
        if (rest.Length == 0)
        {
            return Made(name, new ValueShape.Timestamp(inMilliseconds), secret: false);
        }

        return DateTimeOffset.TryParse(rest, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? (inMilliseconds ? time.ToUnixTimeMilliseconds() : time.ToUnixTimeSeconds()).ToString(CultureInfo.InvariantCulture)
            : throw Unknown($"${{{text}}}");
    }

    /// <summary><c>jwt</c>, <c>jwt:length</c> (which is hexadecimal digits), <c>jwt:secret</c>, <c>jwt:secret:payload</c>.</summary>
    private string Token(string text, string[] parts, string name)
    {
        if (int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            return Made(name, new ValueShape.Hex(Length(text, parts[0], 256)));
        }

        var key = parts[0].Length == 0 ? Made($"{name}_KEY", new ValueShape.Word(32)) : Find(parts[0], $"{name}_KEY");
        if (key is null)
        {
            return _open.Contains($"env {parts[0]}") ? Made(name, new ValueShape.Hex(32)) : throw Unknown($"${{{text}}}"); // signed with itself: a key
        }

        var claims = parts.Length > 1 ? Expand(variables.GetValueOrDefault(parts[1]) ?? throw Unknown($"${{{text}}}"), parts[1]) : """{"iss":"wherry"}""";
        if (claims.Contains("${", StringComparison.Ordinal) || !IsObject(claims))
        {
            throw new Problem("import/dokploy-helper", $"The payload {Problem.Quoted(parts[1])} is no JSON object of fixed values.", "Write it as {\"role\": \"anon\"}; times with ${timestamps:2030-01-01T00:00:00Z}.").AsException();
        }

        return Made(name, new ValueShape.SignedToken(KeyVariable(key, $"{name}_KEY"), claims));
    }

    /// <summary>A key is known by its variable; one that stands in the template gets one.</summary>
    private string KeyVariable(string key, string name)
    {
        if (VariableText.References(key).FirstOrDefault() is { } reference && key == reference.Write(reference.Rest))
        {
            return reference.Name;
        }

        Input(new(name, InputKind.Value, "") { Default = key.Replace("$$", "$", StringComparison.Ordinal), Secret = true });
        return name;
    }

    private string Made(string name, ValueShape shape, bool secret = true) => Input(new(name, InputKind.Generated, "") { Shape = shape, Secret = secret });

    private string Input(ImportInput input)
    {
        _inputs.TryAdd(input.Name, input);
        return $"${{{input.Name}}}";
    }

    private static int Length(string text, string rest, int standard) => rest.Length == 0 ? standard
        : int.TryParse(rest, NumberStyles.None, CultureInfo.InvariantCulture, out var length) && length is > 0 and <= 4096 ? length
        : throw Unknown($"${{{text}}}");

    private static bool IsObject(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind is JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static ProblemException Unknown(string text) => new Problem(
        "import/dokploy-helper", $"{Problem.Quoted(text)} is no variable of the template and no helper.", $"Declare it under [variables], or use one of {string.Join(", ", Helpers)}.").AsException();

    [GeneratedRegex(@"\$(?:\{(?<name>[^{}$]+)\})?")]
    private static partial Regex Reference();
}
