using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Wherry.Compose.Yaml;
using Wherry.Core.Model;

namespace Wherry.Compose.Exporting;

/// <summary>A Compose file on this machine, read for an export.</summary>
/// <param name="Model">With a mark in the place of each secret.</param>
/// <param name="Secrets">Values of the secrets that have one here, by their variables.</param>
public sealed partial record LocalModel(ProjectModel Model, IReadOnlyDictionary<string, byte[]> Secrets)
{
    /// <summary>Reads a file. Secrets are variables whose names say so, and the contents of Compose's <c>secrets</c>.</summary>
    /// <exception cref="Core.Problems.ProblemException">As <see cref="ComposeReader.Read(ComposeInput)"/>.</exception>
    public static LocalModel Read(ComposeInput input)
    {
        var errors = new SpecErrors(input.FileName);
        var named = SecretsOf(YamlTree.Parse(input.Text, input.FileName, errors));
        var names = ComposeReader.Read(input, errors).Variables.Select(u => u.Name).Where(SoundsSecret).Concat(named).ToHashSet();
        var values = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        var known = ComposeReader.VariablesOf(input);
        foreach (var name in names.Where(n => known.Find(n, null) is not null))
        {
            values[name] = Encoding.UTF8.GetBytes(known.Find(name, null)!);
        }

        var marked = names.Aggregate(new Dictionary<string, string>(input.Variables), (all, name) =>
        {
            all[name] = SecretMark.Of(name);
            return all;
        });
        return new(WithoutSecretFiles(ComposeReader.Read(input with { Variables = marked }).Model, names, values), values);
    }

    /// <summary>The model without the contents of its secrets: each is the mark of a variable that is named after it.</summary>
    /// <param name="model">With a mark for each of its secret variables.</param>
    /// <param name="taken">Names of those variables.</param>
    public static ProjectModel WithoutSecretFiles(ProjectModel model, IReadOnlySet<string> taken) => WithoutSecretFiles(model, taken, []);

    private static ProjectModel WithoutSecretFiles(ProjectModel model, IReadOnlySet<string> taken, SortedDictionary<string, byte[]> values) => model with
    {
        Services = model.Services.ToDictionary(s => s.Key, s => s.Value with { Files = [.. s.Value.Files.Select(f => f.Secret ? f with { Content = Marked(f, taken, values) } : f)] }),
    };

    private static byte[] Marked(FileMount file, IReadOnlySet<string> taken, SortedDictionary<string, byte[]> values)
    {
        if (SecretMark.Alone(Encoding.UTF8.GetString(file.Content)) is not null)
        {
            return file.Content;
        }

        var wished = Writing.Beside.VariableFor(file.Target[(file.Target.LastIndexOf('/') + 1)..]);
        var name = wished;
        for (var i = 2; taken.Contains(name) || (values.TryGetValue(name, out var other) && !other.AsSpan().SequenceEqual(file.Content)); i++)
        {
            name = string.Create(CultureInfo.InvariantCulture, $"{wished}_{i}");
        }

        values[name] = file.Content;
        return Encoding.UTF8.GetBytes(SecretMark.Of(name));
    }

    /// <summary>Variables that top-level secrets are made of, whatever their names.</summary>
    private static IEnumerable<string> SecretsOf(YamlMap root) => root.Find("secrets")?.Value is YamlMap secrets
        ? secrets.Entries.Select(e => ((e.Value as YamlMap)?.Find("environment")?.Value as YamlScalar)?.Text).OfType<string>().Where(n => VariableName().IsMatch(n))
        : [];

    internal static bool SoundsSecret(string name) => Secretive().IsMatch(name);

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex VariableName();

    [GeneratedRegex("PASS|PWD|SECRET|TOKEN|KEY|CREDENTIAL|PRIVATE|SALT", RegexOptions.IgnoreCase)]
    private static partial Regex Secretive();
}
