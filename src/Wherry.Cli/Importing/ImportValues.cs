using Wherry.Compose.Importing;
using Wherry.Core.Problems;

namespace Wherry.Cli.Importing;

/// <summary>The values of an imported project's inputs: what is there stays, what was given counts, what is to be made is made.</summary>
/// <param name="New">Values to keep, by name.</param>
/// <param name="Missing">Inputs that somebody still has to give.</param>
internal sealed record ImportValues(IReadOnlyDictionary<string, string> New, IReadOnlyList<ImportInput> Missing)
{
    private const string HostPrefix = "SERVICE_FQDN_";
    private const string HostSuffix = "_HOST";

    /// <param name="there">Values from an earlier import, which are kept; <see langword="null"/> for one that is there and cannot be read.</param>
    /// <param name="domain">Hosts get a name below it.</param>
    /// <exception cref="ProblemException"><c>import/unknown-input</c>.</exception>
    public static ImportValues Of(IReadOnlyList<ImportInput> inputs, IReadOnlyDictionary<string, string> given, IReadOnlyDictionary<string, string?> there, string? domain, DateTimeOffset now)
    {
        if (given.Keys.FirstOrDefault(g => inputs.All(i => i.Name != g)) is { } unknown)
        {
            throw new Problem("import/unknown-input", $"{Problem.Quoted(unknown)} is no input of this.", $"Give one of these: {string.Join(", ", inputs.Select(i => i.Name))}.").AsException();
        }

        var made = new Dictionary<string, string>(given, StringComparer.Ordinal);
        foreach (var input in inputs.Where(i => !made.ContainsKey(i.Name) && !there.ContainsKey(i.Name)))
        {
            if (input.Kind is InputKind.Host && domain is not null)
            {
                made[input.Name] = $"{Label(input.Name)}.{domain}";
            }
            else if (input.Shape is { } shape && !(shape is ValueShape.SignedToken { KeyName: var key } && Find(key) is null))
            {
                made[input.Name] = shape.Make(Find, now);
            }
        }

        return new(made, [.. inputs.Where(i => (i.Required || i.Shape is not null) && !made.ContainsKey(i.Name) && !there.ContainsKey(i.Name))]);

        string? Find(string name) => made.GetValueOrDefault(name) ?? there.GetValueOrDefault(name) ?? (inputs.FirstOrDefault(i => i.Name == name)?.Shape is { } other and not ValueShape.SignedToken && !there.ContainsKey(name) ? made[name] = other.Make(_ => null, now) : null)
            ?? inputs.FirstOrDefault(i => i.Name == name)?.Default;
    }

    /// <summary>The label of a host from its input: <c>SERVICE_FQDN_MY_SHOP</c> and <c>MY_SHOP_HOST</c> are <c>my-shop</c>.</summary>
    private static string Label(string name)
    {
        var label = name.StartsWith(HostPrefix, StringComparison.Ordinal) ? name[HostPrefix.Length..] : name.EndsWith(HostSuffix, StringComparison.Ordinal) ? name[..^HostSuffix.Length] : name;
        return label.Replace('_', '-').ToLowerInvariant();
    }
}
