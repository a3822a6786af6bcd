namespace Wherry.Compose.Interpolation;

/// <summary>Looks variables up: what the environment gives wins over the source's <c>.env</c>. Remembers who asked for what.</summary>
internal sealed class Variables(IReadOnlyDictionary<string, string> given, IReadOnlyDictionary<string, string> dotEnv)
{
    private readonly HashSet<VariableUse> _uses = [];

    /// <summary>Each use once, by name and service.</summary>
    public IReadOnlyList<VariableUse> Uses => [.. _uses.OrderBy(u => u.Name, StringComparer.Ordinal).ThenBy(u => u.Service, StringComparer.Ordinal)];

    /// <summary>The value, or <see langword="null"/> when the variable is not set.</summary>
    /// <param name="service">Who asks; <see langword="null"/> outside of services.</param>
    public string? Find(string name, string? service)
    {
        if (given.TryGetValue(name, out var value))
        {
            _uses.Add(new(name, service, VariableOrigin.Environment));
            return value;
        }

        var found = dotEnv.TryGetValue(name, out value);
        _uses.Add(new(name, service, found ? VariableOrigin.DotEnv : VariableOrigin.Unset));
        return found ? value : null;
    }

    /// <summary>As <see cref="Find"/>, for what Compose itself looks up: a variable that nobody set is no use of it.</summary>
    public string? FindSetting(string name) => given.ContainsKey(name) || dotEnv.ContainsKey(name) ? Find(name, null) : null;
}
