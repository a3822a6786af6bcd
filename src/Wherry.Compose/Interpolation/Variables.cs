namespace Wherry.Compose.Interpolation;

/// <summary>Looks variables up: what the environment gives wins over files of variables. Remembers who asked for what.</summary>
internal sealed class Variables
{
    private const int MaxPlaces = 10_000;

    private readonly IReadOnlyDictionary<string, string> _given;
    private readonly IReadOnlyDictionary<string, (string Value, string From)> _files;
    private readonly HashSet<VariableUse> _uses;
    private readonly HashSet<VariablePlace> _places;

    public Variables(IReadOnlyDictionary<string, string> given)
        : this(given, new Dictionary<string, (string, string)>(), [], [])
    {
    }

    private Variables(IReadOnlyDictionary<string, string> given, IReadOnlyDictionary<string, (string Value, string From)> files, HashSet<VariableUse> uses, HashSet<VariablePlace> places) =>
        (_given, _files, _uses, _places) = (given, files, uses, places);

    /// <summary>Each use once, by name and service.</summary>
    public IReadOnlyList<VariableUse> Uses => [.. _uses.OrderBy(u => u.Name, StringComparer.Ordinal).ThenBy(u => u.Service, StringComparer.Ordinal)];

    /// <summary>Each place that asked, in the order of reading.</summary>
    public IReadOnlyList<VariablePlace> Places => [.. _places];

    /// <summary>These, and behind them what files of variables say; of two files the later one counts.</summary>
    /// <param name="asker">Where the files are named: what is wrong with them is told there.</param>
    public Variables Behind(IReadOnlyList<VariableFile> files, Mark asker, SpecErrors errors)
    {
        var own = new Dictionary<string, (string Value, string From)>(StringComparer.Ordinal);
        foreach (var (path, text) in files)
        {
            var file = EnvFile.Parse(
                text,
                name => FindQuietly(name) ?? own.GetValueOrDefault(name).Value,
                name => errors.Warn(asker, "", "compose/variable-unset", $"{path}: the variable {name} is not set; it is replaced by nothing"));
            foreach (var problem in file.Problems)
            {
                errors.Add(asker, "", "compose/env-file", $"{path}:{problem.Line} {problem.Message}", "Put the value into single quotes.");
            }

            foreach (var (name, value) in file.Values)
            {
                own[name] = (value, $"{path}:{file.Lines[name]}");
            }
        }

        foreach (var (name, value) in _files)
        {
            own[name] = value;
        }

        return new(_given, own, _uses, _places);
    }

    /// <summary>The value, or <see langword="null"/> when the variable is not set.</summary>
    /// <param name="service">Who asks; <see langword="null"/> outside of services.</param>
    /// <param name="at">Where it is asked for.</param>
    /// <param name="written">How it is asked for there.</param>
    public string? Find(string name, string? service, Mark at = default, string written = "")
    {
        var origin = _given.ContainsKey(name) ? VariableOrigin.Environment : _files.ContainsKey(name) ? VariableOrigin.DotEnv : VariableOrigin.Unset;
        _uses.Add(new(name, service, origin));
        if (at.Line > 0 && _places.Count < MaxPlaces)
        {
            _places.Add(new(name, service, $"{at.Origin?.File}:{at}", written, origin, origin == VariableOrigin.DotEnv ? _files[name].From : null));
        }

        return FindQuietly(name);
    }

    /// <summary>As <see cref="Find"/>, for what Compose itself looks up: a variable that nobody set is no use of it.</summary>
    public string? FindSetting(string name) => FindQuietly(name) is null ? null : Find(name, null);

    private string? FindQuietly(string name) => _given.GetValueOrDefault(name) ?? _files.GetValueOrDefault(name).Value;
}
