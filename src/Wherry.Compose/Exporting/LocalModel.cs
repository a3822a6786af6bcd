using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Wherry.Compose.Yaml;
using Wherry.Core.Model;

namespace Wherry.Compose.Exporting;

/// <summary>A Compose file on this machine, read for an export.</summary>
public static partial class LocalModel
{
    /// <summary>The model. Variables whose names say that they are secrets are not resolved, unless that is asked for.</summary>
    /// <exception cref="Core.Problems.ProblemException">As <see cref="ComposeReader.Read(ComposeInput)"/>.</exception>
    public static ProjectModel Read(ComposeInput input, bool withSecrets)
    {
        if (withSecrets)
        {
            return ComposeReader.Read(input).Model;
        }

        var variables = new Dictionary<string, string>(input.Variables);
        var errors = new SpecErrors(input.FileName);
        var named = SecretsOf(YamlTree.Parse(input.Text, input.FileName, errors));
        foreach (var name in ComposeReader.Read(input, errors).Variables.Select(u => u.Name).Where(SoundsSecret).Concat(named))
        {
            variables[name] = SecretMark.Of(name);
        }

        return WithoutSecretFiles(ComposeReader.Read(input with { Variables = variables }).Model);
    }

    /// <summary>The model without the contents of its secrets: each is the mark of a variable that is named after it.</summary>
    public static ProjectModel WithoutSecretFiles(ProjectModel model)
    {
        var named = new Dictionary<string, byte[]>();
        return model with
        {
            Services = model.Services.ToDictionary(s => s.Key, s => s.Value with { Files = [.. s.Value.Files.Select(f => f.Secret ? f with { Content = Marked(f, named) } : f)] }),
        };
    }

    private static byte[] Marked(FileMount file, Dictionary<string, byte[]> named)
    {
        if (SecretMark.Alone(Encoding.UTF8.GetString(file.Content)) is not null)
        {
            return file.Content;
        }

        var wished = Writing.Beside.VariableFor(file.Target[(file.Target.LastIndexOf('/') + 1)..]);
        var name = wished;
        for (var i = 2; named.TryGetValue(name, out var other) && !other.AsSpan().SequenceEqual(file.Content); i++)
        {
            name = string.Create(CultureInfo.InvariantCulture, $"{wished}_{i}");
        }

        named[name] = file.Content;
        return Encoding.UTF8.GetBytes(SecretMark.Of(name));
    }

    /// <summary>Variables that top-level secrets are made of, whatever their names.</summary>
    private static IEnumerable<string> SecretsOf(YamlMap root) => root.Find("secrets")?.Value is YamlMap secrets
        ? secrets.Entries.Select(e => ((e.Value as YamlMap)?.Find("environment")?.Value as YamlScalar)?.Text).OfType<string>().Where(n => VariableName().IsMatch(n))
        : [];

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex VariableName();

    internal static bool SoundsSecret(string name) => Secretive().IsMatch(name);

    [GeneratedRegex("PASS|PWD|SECRET|TOKEN|KEY|CREDENTIAL|PRIVATE|SALT", RegexOptions.IgnoreCase)]
    private static partial Regex Secretive();
}
