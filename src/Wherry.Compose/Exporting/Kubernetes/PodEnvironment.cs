using Wherry.Compose.Writing;

namespace Wherry.Compose.Exporting.Kubernetes;

/// <summary>Variables of a container. Secrets come from the project's Secret; a text around one refers to it as <c>$(NAME)</c>, which Kubernetes resolves.</summary>
internal sealed class PodEnvironment(ExportedService service)
{
    private readonly Dictionary<string, string> _names = [];

    /// <summary>A text of <c>command</c>, <c>args</c> or a variable.</summary>
    public string Text(string text)
    {
        var escaped = text.Contains("$(", StringComparison.Ordinal) || text.Contains("$$", StringComparison.Ordinal) ? text.Replace("$", "$$", StringComparison.Ordinal) : text;
        return SecretMark.Replace(escaped, variable => $"$({NameOf(variable)})");
    }

    /// <summary>Called when all texts are written: what they refer to stands before them.</summary>
    public YamlSequence? Write()
    {
        var (plain, alone) = (new List<YamlValue>(), new List<YamlValue>());
        foreach (var (name, value) in service.Spec.Environment.Where(v => SecretMark.Alone(v.Value) is null).OrderBy(v => v.Key, StringComparer.Ordinal))
        {
            plain.Add(new YamlMapping { ["name"] = name, ["value"] = Text(value) });
        }

        foreach (var (name, value) in service.Spec.Environment.OrderBy(v => v.Key, StringComparer.Ordinal))
        {
            if (SecretMark.Alone(value) is { } variable && _names.GetValueOrDefault(variable) != name)
            {
                alone.Add(FromSecret(name, variable));
            }
        }

        return new YamlSequence([.. _names.OrderBy(n => n.Value, StringComparer.Ordinal).Select(n => FromSecret(n.Value, n.Key)), .. alone, .. plain]).OrNothing();
    }

    /// <summary>The variable's own name, unless the service means something else by it.</summary>
    private string NameOf(string variable)
    {
        if (!_names.TryGetValue(variable, out var name))
        {
            var taken = service.Spec.Environment.TryGetValue(variable, out var value) && SecretMark.Alone(value) != variable;
            _names[variable] = name = taken ? $"SECRET_{variable}" : variable;
        }

        return name;
    }

    private YamlMapping FromSecret(string name, string variable) => new()
    {
        ["name"] = name,
        ["valueFrom"] = new YamlMapping
        {
            ["secretKeyRef"] = new YamlMapping { ["name"] = service.Context.Names.Secret, ["key"] = service.Context.Secret(variable, $"a value of {service.Spec.Name}") },
        },
    };
}
