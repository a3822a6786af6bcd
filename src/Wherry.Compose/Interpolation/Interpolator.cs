using System.Runtime.CompilerServices;
using Wherry.Compose.Yaml;
using Wherry.Core.Problems;

namespace Wherry.Compose.Interpolation;

/// <summary>Replaces the variables in every value of the file, and keeps the places: the second stage of reading.</summary>
/// <remarks>Keys are left alone, and so are top-level <c>x-*</c> parts: what refers to them is replaced where it is used.</remarks>
/// <param name="replaced">Counts the characters for all files of a project together.</param>
internal sealed class Interpolator(Variables variables, SpecErrors errors, string fileName, StrongBox<long> replaced)
{
    /// <summary>A small file that repeats a long variable must not become a large model.</summary>
    private const long MaxCharacters = 16 << 20;

    public YamlMap Expand(YamlMap root) => new(root.At, [.. root.Entries.Select(e => IsExtension(e.Key) ? e : e with { Value = Expand(e.Value, e.Key, null) })], root.Tag);

    /// <summary>One service of a file.</summary>
    /// <param name="asker">The service that its variables are for.</param>
    public YamlNode ExpandService(YamlNode service, string name, string asker) => Expand(service, $"services.{name}", asker);

    private YamlNode Expand(YamlNode node, string path, string? service) => node switch
    {
        YamlMap map => new YamlMap(map.At, [.. map.Entries.Select(e => e with { Value = Expand(e.Value, $"{path}.{e.Key}", service ?? (path == "services" ? e.Key : null)) })], map.Tag),
        YamlList list => new YamlList(list.At, [.. list.Items.Select((item, i) => Expand(item, $"{path}[{i}]", service))], list.Tag),
        YamlScalar scalar when scalar.Text.Contains('$', StringComparison.Ordinal) => Expand(scalar, path, service),
        _ => node,
    };

    private YamlScalar Expand(YamlScalar scalar, string path, string? service)
    {
        try
        {
            var text = Template.Parse(scalar.Text).Expand(
                name => Counted(variables.Find(name, service, scalar.At, scalar.Text)),
                name => errors.Warn(scalar.At, path, "compose/variable-unset", $"the variable {name} is not set; it is replaced by nothing"));
            return new(scalar.At, Counted(text)!, ScalarKind.Text, scalar.Text, scalar.Tag);
        }
        catch (MissingVariableException e)
        {
            errors.Add(scalar.At, path, "compose/variable-missing", e.Message, $"Set {e.Name}: wherry env set {e.Name}=…");
        }
        catch (FormatException e)
        {
            errors.Add(scalar.At, path, "compose/interpolation", $"{e.Message} in {Problem.Quoted(scalar.Text)}", "Write $$ for a dollar sign, ${NAME} for a variable.");
        }

        return new(scalar.At, scalar.Text, ScalarKind.Broken, tag: scalar.Tag);
    }

    private string? Counted(string? value)
    {
        replaced.Value += value?.Length ?? 0;
        return replaced.Value <= MaxCharacters
            ? value
            : throw new Problem("compose/too-large", $"{fileName} has more than 16 MB once its variables are replaced.", "Use long variables in fewer places.").AsException();
    }

    private static bool IsExtension(string key) => key.StartsWith("x-", StringComparison.Ordinal);
}
