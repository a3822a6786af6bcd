using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Wherry.Compose.Yaml;
using Wherry.Core.Problems;

namespace Wherry.Compose.Importing.CapRover;

/// <summary>The <c>$$cap_…</c> of a one-click template as variables of Compose.</summary>
internal sealed partial class CapRoverVariables
{
    private const string Prefix = "$$cap_";
    private const string HostPrefix = "srv-captain--"; // before the names of services there
    private const string Application = "$$cap_appname";
    private const string RootDomain = "$$cap_root_domain";

    private readonly string _project;
    private readonly Dictionary<string, (string Name, string Text)> _texts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ImportInput> _inputs = new(StringComparer.Ordinal);
    private readonly List<string> _ids;

    private CapRoverVariables(string project, IReadOnlyList<YamlMap> declared)
    {
        _project = project;
        _ids = [.. declared.Select(d => d.TextOf("id")).OfType<string>().OrderByDescending(i => i.Length)];
        foreach (var variable in declared.Where(d => d.TextOf("id") is not null))
        {
            Declare(variable.TextOf("id")!, variable);
        }
    }

    public static CapRoverVariables Read(string project, YamlMap? oneClick) => new(project, [.. oneClick?.ItemsOf("variables").OfType<YamlMap>() ?? []]);

    /// <summary>What is known of a variable.</summary>
    public ImportInput? Known(string name) => _inputs.GetValueOrDefault(name);

    /// <summary>A text of the template for the Compose file.</summary>
    /// <exception cref="ProblemException"><c>import/caprover-variable</c>.</exception>
    public string Write(string text) => Replace(text, id => _texts[id].Text, VariableText.Escape);

    /// <summary>A line of a Dockerfile, with build arguments instead of variables.</summary>
    /// <param name="used">Told each variable's name, with what stands for it in the Compose file.</param>
    public string WriteLine(string text, Action<string, string> used) => Replace(
        text,
        id =>
        {
            used(_texts[id].Name, _texts[id].Text);
            return $"${{{_texts[id].Name}}}";
        },
        plain => plain);

    /// <summary>The host that a service is reached by.</summary>
    public string Host(string service)
    {
        var name = $"{ImportNames.Variable(service)}_HOST";
        _inputs[name] = new(name, InputKind.Host, "") { Required = true };
        return $"${{{name}:?needs a host name}}";
    }

    private string Replace(string text, Func<string, string> variable, Func<string, string> plain)
    {
        text = text.Replace(HostPrefix, "", StringComparison.Ordinal);
        var (result, at) = (new StringBuilder(), 0);
        foreach (Match match in Variable().Matches(text))
        {
            if (match.Index < at)
            {
                continue;
            }

            var (written, length) = One(text, match.Index, variable);
            result.Append(plain(text[at..match.Index])).Append(written);
            at = match.Index + length;
        }

        return result.Append(plain(text[at..])).ToString();
    }

    private (string Text, int Length) One(string text, int at, Func<string, string> variable)
    {
        if (Address().Match(text, at) is { Success: true } address && address.Index == at)
        {
            return (Host($"{_project}{address.Groups["rest"].Value}"), address.Length);
        }

        if (Random().Match(text, at) is { Success: true } random && random.Index == at)
        {
            return (Made($"GENERATED_{_inputs.Count}", random), random.Length);
        }

        if (_ids.Find(id => text.AsSpan(at).StartsWith(id, StringComparison.Ordinal)) is { } declared)
        {
            return (variable(declared), declared.Length);
        }

        var rest = text.AsSpan(at);
        return rest.StartsWith(Application, StringComparison.Ordinal) ? (_project, Application.Length)
            : rest.StartsWith(RootDomain, StringComparison.Ordinal) ? ("${CAP_ROOT_DOMAIN:?}", RootDomain.Length)
            : throw new Problem("import/caprover-variable", $"{Problem.Quoted(Word().Match(text, at).Value)} is no variable of the template.", "Declare it under caproverOneClickApp.variables.").AsException();
    }

    private void Declare(string id, YamlMap variable)
    {
        var name = ImportNames.Variable(id.StartsWith(Prefix, StringComparison.Ordinal) ? id[Prefix.Length..] : id);
        var purpose = string.Join(": ", new[] { variable.TextOf("label"), variable.TextOf("description") }.OfType<string>().Select(t => t.ReplaceLineEndings(" ").Trim()));
        var standard = variable.TextOf("defaultValue");
        if (standard is not null && Random().Match(standard) is { Success: true } random && random.Length == standard.Length)
        {
            _texts[id] = (name, Made(name, random));
            _inputs[name] = _inputs[name] with { Purpose = purpose };
            return;
        }

        if (standard is not null)
        {
            var text = Replace(standard, other => _texts.TryGetValue(other, out var known) ? known.Text : "", VariableText.Escape);
            _texts[id] = (name, text.Contains('}', StringComparison.Ordinal) && !text.Contains("${", StringComparison.Ordinal) ? text : $"${{{name}:-{text}}}");
            _inputs[name] = new(name, InputKind.Value, purpose) { Default = text, Secret = InputList.LooksSecret(name) };
            return;
        }

        // Whatever may be empty has no rule.
        var isRequired = variable.TextOf("validRegex") is not null;
        _texts[id] = (name, isRequired ? $"${{{name}:?}}" : $"${{{name}}}");
        _inputs[name] = new(name, InputKind.Value, purpose) { Required = isRequired, Secret = InputList.LooksSecret(name) };
    }

    private string Made(string name, Match random)
    {
        var length = int.Parse(random.Groups["length"].Value, NumberStyles.None, CultureInfo.InvariantCulture);
        _inputs[name] = new(name, InputKind.Generated, "") { Shape = new ValueShape.HexDigits(Math.Clamp(length, 1, 1024)), Secret = true };
        return $"${{{name}}}";
    }

    [GeneratedRegex(@"\$\$cap_")]
    private static partial Regex Variable();

    [GeneratedRegex(@"\$\$cap_[A-Za-z0-9_-]*")]
    private static partial Regex Word();

    [GeneratedRegex(@"\$\$cap_appname(?<rest>[A-Za-z0-9-]*)\.\$\$cap_root_domain")]
    private static partial Regex Address();

    [GeneratedRegex(@"\$\$cap_gen_random_hex\((?<length>[0-9]{1,4})\)")]
    private static partial Regex Random();
}
