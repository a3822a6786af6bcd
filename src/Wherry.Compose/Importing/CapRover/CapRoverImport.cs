using System.Globalization;
using System.Text;
using Wherry.Compose.Yaml;
using Wherry.Core.Problems;

namespace Wherry.Compose.Importing.CapRover;

/// <summary>A one-click template of CapRover.</summary>
public static class CapRoverImport
{
    private const int UsualPort = 80;

    /// <param name="fileName">Shown in problems; the project and its services are named after it.</param>
    /// <param name="tls">The routes are served by TLS.</param>
    /// <exception cref="ProblemException"><c>import/caprover-version</c>, <c>import/caprover-variable</c>, <c>compose/no-service</c>, and what is wrong with the YAML.</exception>
    public static ImportedProject Read(string text, string fileName, bool tls = true)
    {
        var errors = new SpecErrors(fileName);
        var root = YamlTree.Parse(text, fileName, errors);
        errors.ThrowIfAny();
        if (root.TextOf("captainVersion") != "4")
        {
            throw new Problem("import/caprover-version", $"{fileName} is no one-click template of version 4.", "Write captainVersion: 4, and the services as in a Compose file.").AsException();
        }

        var name = ImportNames.Project(fileName);
        var oneClick = root.MapOf("caproverOneClickApp");
        var template = new Template(name, CapRoverVariables.Read(name, oneClick), tls);
        var about = new TemplateAbout { Slogan = oneClick?.TextOf("description")?.Split('\n')[0], Documentation = oneClick?.TextOf("documentation") };
        return root.MapOf("services") is { Entries.Count: > 0 } services
            ? template.Read(services, about)
            : throw new Problem("compose/no-service", $"{fileName} describes no service.", "Give a template with services in it.").AsException();
    }

    private sealed class Template(string name, CapRoverVariables variables, bool tls)
    {
        private readonly Dictionary<string, string> _files = new(StringComparer.Ordinal);
        private readonly HashSet<string> _volumes = new(StringComparer.Ordinal);

        public ImportedProject Read(YamlMap services, TemplateAbout about)
        {
            var read = services.Entries.Where(e => e.Value is YamlMap).Select(e => (variables.Write(e.Key), (YamlNode?)Service(variables.Write(e.Key), (YamlMap)e.Value))).ToList();
            var whole = TreeEdit.Map(
                ("services", TreeEdit.Map(read)),
                ("volumes", _volumes.Count > 0 ? TreeEdit.Map(_volumes.Select(v => (v, (YamlNode?)TreeEdit.Nothing()))) : null));
            return new()
            {
                Name = name,
                Files = ImportText.Write(whole, about).Concat(_files).ToDictionary(f => f.Key, f => f.Value),
                Inputs = InputList.Of(whole, variables.Known),
                About = about,
            };
        }

        private YamlMap Service(string service, YamlMap map)
        {
            var extra = map.MapOf("caproverExtra");
            var written = (YamlMap)Write(map.Without("caproverExtra"));
            foreach (var volume in written.ItemsOf("volumes").OfType<YamlScalar>().Select(v => v.Text.Split(':')).Where(v => v.Length > 1 && v[0] is not ['/' or '.' or '~' or '$', ..]))
            {
                _volumes.Add(volume[0]);
            }

            if (extra?.ItemsOf("dockerfileLines") is { Count: > 0 } lines)
            {
                written = written.Without("image").With("build", Build(service, lines));
            }

            return extra?.TextOf("notExposeAsWebApp") == "true" ? written : written.With("x-wherry", Extension(service, extra));
        }

        private YamlMap Extension(string service, YamlMap? extra)
        {
            var port = int.TryParse(extra?.TextOf("containerHttpPort"), NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : UsualPort;
            return TreeEdit.Map(
                ("routes", TreeEdit.List(TreeEdit.Map(("host", TreeEdit.Text(variables.Host(service))), ("port", TreeEdit.Number(port))))),
                ("tls", tls ? TreeEdit.Plain("true") : null),
                ("health", TreeEdit.Map(("deadline", TreeEdit.Text("5m")))));
        }

        /// <summary>A build whose Dockerfile stands beside the Compose file; variables reach it as arguments, which end with each stage.</summary>
        private YamlMap Build(string service, IReadOnlyList<YamlNode> lines)
        {
            var arguments = new OrderedDictionary<string, string>(StringComparer.Ordinal);
            var body = lines.OfType<YamlScalar>().Select(l => variables.WriteLine(l.Text, (argument, text) => arguments.TryAdd(argument, text))).ToList();
            var declared = string.Concat(arguments.Keys.Select(a => $"ARG {a}\n"));
            var text = new StringBuilder(declared);
            foreach (var line in body)
            {
                text.Append(line).Append('\n').Append(line.StartsWith("FROM ", StringComparison.OrdinalIgnoreCase) ? declared : "");
            }

            _files[$"{service}.Dockerfile"] = text.ToString();
            return TreeEdit.Map(
                ("context", TreeEdit.Text(".")),
                ("dockerfile", TreeEdit.Text($"{service}.Dockerfile")),
                ("args", arguments.Count > 0 ? TreeEdit.Map(arguments.Select(a => (a.Key, (YamlNode?)TreeEdit.Text(a.Value)))) : null));
        }

        private YamlNode Write(YamlNode node) => node switch
        {
            YamlMap map => new YamlMap(map.At, [.. map.Entries.Select(e => e with { Key = variables.Write(e.Key), Value = Write(e.Value) })]),
            YamlList list => new YamlList(list.At, [.. list.Items.Select(Write)]),
            YamlScalar { Kind: ScalarKind.Text } scalar => TreeEdit.Text(variables.Write(scalar.Text)),
            _ => node,
        };
    }
}
