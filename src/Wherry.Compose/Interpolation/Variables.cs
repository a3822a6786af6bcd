using Wherry.Compose.Reading;

namespace Wherry.Compose.Interpolation;

/// <summary>Looks variables up: what the environment gives wins over the source's <c>.env</c>. Remembers who asked for what.</summary>
internal sealed class Variables
{
    private readonly IReadOnlyDictionary<string, string> _given;
    private readonly IReadOnlyDictionary<string, string> _files;
    private readonly HashSet<VariableUse> _uses;

    public Variables(IReadOnlyDictionary<string, string> given, IReadOnlyDictionary<string, string> dotEnv)
        : this(given, dotEnv, [])
    {
    }

    private Variables(IReadOnlyDictionary<string, string> given, IReadOnlyDictionary<string, string> files, HashSet<VariableUse> uses) => (_given, _files, _uses) = (given, files, uses);

    /// <summary>Each use once, by name and service.</summary>
    public IReadOnlyList<VariableUse> Uses => [.. _uses.OrderBy(u => u.Name, StringComparer.Ordinal).ThenBy(u => u.Service, StringComparer.Ordinal)];

    /// <summary>These, and what a file of variables adds to them.</summary>
    /// <param name="text">Its content; <see langword="null"/>: there is none.</param>
    /// <param name="asker">Where it is named; what is wrong with it is told there.</param>
    public Variables Behind(string path, string? text, Field asker, SpecErrors errors)
    {
        if (text is null)
        {
            return this;
        }

        var file = EnvFile.Parse(text, FindQuietly, name => asker.Warn("compose/variable-unset", $"{path}: the variable {name} is not set; it is replaced by nothing"));
        foreach (var problem in file.Problems)
        {
            asker.Wrong("compose/env-file", $"{path}:{problem.Line} {problem.Message}", "Put the value into single quotes.");
        }

        var files = new Dictionary<string, string>(_files, StringComparer.Ordinal);
        foreach (var (name, value) in file.Values)
        {
            files.TryAdd(name, value);
        }

        return new(_given, files, _uses);
    }

    /// <summary>The value, or <see langword="null"/> when the variable is not set.</summary>
    /// <param name="service">Who asks; <see langword="null"/> outside of services.</param>
    public string? Find(string name, string? service)
    {
        var origin = _given.ContainsKey(name) ? VariableOrigin.Environment : _files.ContainsKey(name) ? VariableOrigin.DotEnv : VariableOrigin.Unset;
        _uses.Add(new(name, service, origin));
        return FindQuietly(name);
    }

    /// <summary>As <see cref="Find"/>, for what Compose itself looks up: a variable that nobody set is no use of it.</summary>
    public string? FindSetting(string name) => FindQuietly(name) is null ? null : Find(name, null);

    private string? FindQuietly(string name) => _given.GetValueOrDefault(name) ?? _files.GetValueOrDefault(name);
}
