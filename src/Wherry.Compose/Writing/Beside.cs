using System.Text;
using Wherry.Compose.Exporting;
using Wherry.Core.Model;

namespace Wherry.Compose.Writing;

/// <summary>Gathers what services refer to: top-level secrets and configs, the variables of the secrets, and files.</summary>
internal sealed class Beside
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Dictionary<(bool Secret, string Name), byte[]> _named = [];
    private readonly List<WantedVariable> _variables = [];
    private readonly SortedDictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, byte[]> _secretFiles = new(StringComparer.Ordinal);

    public YamlMapping Secrets { get; } = [];

    public YamlMapping Configs { get; } = [];

    public IReadOnlyList<WantedVariable> Variables => _variables;

    public IReadOnlyDictionary<string, byte[]> Files => _files;

    public IReadOnlyDictionary<string, byte[]> SecretFiles => _secretFiles;

    /// <summary>The name of the top-level entry for a file's content; what is the same has one.</summary>
    public string Name(FileMount file, ServiceName service)
    {
        var wished = Cleaned(file.Target[(file.Target.LastIndexOf('/') + 1)..]);
        var name = wished;
        for (var i = 2; _named.TryGetValue((file.Secret, name), out var other) && !other.AsSpan().SequenceEqual(file.Content); i++)
        {
            name = $"{wished}_{TextForm.Of(i)}";
        }

        if (_named.TryAdd((file.Secret, name), file.Content))
        {
            (file.Secret ? Secrets : Configs)[name] = file.Secret ? Secret(name, file, service) : Config(name, file.Content);
        }

        return name;
    }

    /// <summary>Puts a file beside the Compose file.</summary>
    /// <returns>Its path.</returns>
    public string File(string path, byte[] content)
    {
        _files[path] = content;
        return path;
    }

    /// <summary>Asks for a variable; once, whoever uses it.</summary>
    public void Want(string variable, string why, string value)
    {
        var at = _variables.FindIndex(v => v.Name == variable);
        if (at < 0)
        {
            _variables.Add(new(variable, why, value));
        }
        else if (!_variables[at].For.Split(", ").Contains(why))
        {
            _variables[at] = _variables[at] with { For = $"{_variables[at].For}, {why}" };
        }
    }

    private YamlMapping Secret(string name, FileMount file, ServiceName service)
    {
        if (Text(file.Content) is not { } value)
        {
            var path = $"secrets/{name}";
            _secretFiles[path] = file.Content;
            return new() { ["file"] = $"./{path}" };
        }

        if (SecretMark.Alone(value) is { } known)
        {
            Want(known, $"the secret {file.Target} of {service}", "");
            return new() { ["environment"] = known };
        }

        var wished = VariableFor(name);
        var variable = wished;
        for (var i = 2; _variables.Exists(v => v.Name == variable); i++)
        {
            variable = $"{wished}_{TextForm.Of(i)}";
        }

        Want(variable, $"the secret {file.Target} of {service}", value);
        return new() { ["environment"] = variable };
    }

    private YamlMapping Config(string name, byte[] content) => Text(content) is { } text
        ? new() { ["content"] = Escaped.Text(text) }
        : new() { ["file"] = $"./{File($"configs/{name}", content)}" };

    private static string? Text(byte[] content)
    {
        try
        {
            var text = Strict.GetString(content);
            return text.Contains('\0', StringComparison.Ordinal) ? null : text;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static string Cleaned(string text)
    {
        var name = string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '_')).TrimStart('.', '_', '-');
        return name.Length == 0 ? "file" : name.Length > 50 ? name[..50] : name;
    }

    public static string VariableFor(string name)
    {
        var variable = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_'));
        return char.IsAsciiDigit(variable[0]) ? $"_{variable}" : variable;
    }
}
