using Wherry.Compose.Yaml;
using Wherry.Core.Problems;

namespace Wherry.Compose.Importing.Dokploy;

/// <summary>A template of Dokploy: a Compose file, and a <c>template.toml</c> that says what goes into its variables and where it is reached.</summary>
public static class DokployImport
{
    /// <param name="compose">Text of <c>docker-compose.yml</c>.</param>
    /// <param name="toml">Text of <c>template.toml</c>.</param>
    /// <param name="name">Of the template; the project is named after it.</param>
    /// <param name="tls">The routes are served by TLS.</param>
    /// <exception cref="ProblemException"><c>import/toml</c>, <c>import/dokploy-helper</c>, <c>compose/undefined-reference</c>, and what is wrong with the YAML.</exception>
    public static ImportedProject Read(string compose, string toml, string name, bool tls = true)
    {
        var errors = new SpecErrors("docker-compose.yml");
        var root = YamlTree.Parse(compose, "docker-compose.yml", errors);
        errors.ThrowIfAny();
        var settings = TomlTree.Parse(toml, "template.toml");
        var config = settings.MapOf("config") ?? settings;
        var environment = Environment(config);
        var values = new DokployValues(Texts(settings.MapOf("variables")), environment);
        var translation = new DokployService(values, Files(config, values));
        var domains = config.ItemsOf("domains").OfType<YamlMap>().ToList();
        CheckNames(root, domains);
        var services = root.MapOf("services")?.Entries
            .Select(e => (e.Key, e.Value is YamlMap service ? translation.Translate(e.Key, service, Extension(e.Key, domains, values, tls)) : (YamlNode?)e.Value)).ToList() ?? [];
        var whole = Whole(root, services, translation);
        var project = ImportText.Write(whole, new());
        if (translation.UsesEnvFile)
        {
            project[DokployService.EnvFile] = string.Concat(environment.Keys.Select(k => $"{k}=\"{Quoted(values.OfEnvironment(k)!)}\"\n"));
        }

        return new()
        {
            Name = ImportNames.Project(name),
            Files = project,
            Inputs = InputList.Of(translation.UsesEnvFile ? whole.With(DokployService.EnvFile, TreeEdit.Map(environment.Keys.Select(k => (k, (YamlNode?)TreeEdit.Text(values.OfEnvironment(k)!))))) : whole, values.Known),
            Lost = translation.Lost,
        };
    }

    private static YamlMap Whole(YamlMap root, List<(string, YamlNode?)> services, DokployService translation)
    {
        var volumes = root.MapOf("volumes") ?? TreeEdit.Map();
        volumes = translation.Volumes.Aggregate(volumes, (all, v) => all.With(v, TreeEdit.Nothing()));
        var configs = translation.Configs.Aggregate(root.MapOf("configs") ?? TreeEdit.Map(), (all, c) => all.With(c.Key, c.Value));
        var networks = root.MapOf("networks")?.Without("dokploy-network");
        var kept = root.Entries.Where(e => e.Key is not ("version" or "services" or "volumes" or "configs" or "networks") && !e.Key.StartsWith("x-", StringComparison.Ordinal));
        return TreeEdit.Map(
        [
            ("services", TreeEdit.Map(services)),
            .. kept.Select(e => (e.Key, (YamlNode?)e.Value)),
            ("networks", networks is { Entries.Count: > 0 } ? networks : null),
            ("volumes", volumes.Entries.Count > 0 ? volumes : null),
            ("configs", configs.Entries.Count > 0 ? configs : null),
        ]);
    }

    /// <summary>What <c>x-wherry</c> says of a service that has domains.</summary>
    private static YamlMap? Extension(string service, List<YamlMap> domains, DokployValues values, bool tls)
    {
        var routes = domains.Where(d => d.TextOf("serviceName") == service).Select(d => TreeEdit.Map(
            ("host", TreeEdit.Text(Needed(d.TextOf("host") is { } host ? values.Expand(host, $"{service}_HOST") : values.Host(service)))),
            ("path", d.TextOf("path") is { } path && path != "/" ? TreeEdit.Text(path) : null),
            ("port", ScalarKinds.ParseInt(d.TextOf("port") ?? "") is { } port ? TreeEdit.Plain($"{port}") : null))).ToList();
        return routes.Count == 0 ? null : TreeEdit.Map(
            ("routes", TreeEdit.List(routes)),
            ("tls", tls ? TreeEdit.Plain("true") : null),
            ("health", TreeEdit.Map(("deadline", TreeEdit.Text("5m")))));
    }

    /// <summary>A host that is a variable says so when it is missing.</summary>
    private static string Needed(string host) =>
        VariableText.References(host).FirstOrDefault() is { Operator: "" } reference && host == reference.Write("") ? $"${{{reference.Name}:?needs a host name}}" : host;

    private static void CheckNames(YamlMap root, List<YamlMap> domains)
    {
        var services = root.MapOf("services")?.Entries.Select(e => e.Key).ToList() ?? [];
        if (domains.Select(d => d.TextOf("serviceName") ?? "").FirstOrDefault(n => !services.Contains(n)) is { } unknown)
        {
            throw new Problem("compose/undefined-reference", $"template.toml has a domain of {Problem.Quoted(unknown)}, which is no service.", $"Write serviceName with one of {string.Join(", ", services)}.").AsException();
        }
    }

    /// <summary><c>config.env</c>: a table, or a list of <c>NAME=value</c>.</summary>
    private static Dictionary<string, string> Environment(YamlMap config)
    {
        var found = Texts(config.MapOf("env"));
        foreach (var item in config.ItemsOf("env"))
        {
            var pairs = item is YamlMap map ? Texts(map) : item is YamlScalar { Text: var line } && line.IndexOf('=', StringComparison.Ordinal) is > 0 and var at ? new() { [line[..at]] = line[(at + 1)..] } : [];
            foreach (var (key, value) in pairs)
            {
                found[key] = value;
            }
        }

        return found;
    }

    private static Dictionary<string, string> Files(YamlMap config, DokployValues values) =>
        config.ItemsOf("mounts").OfType<YamlMap>().Where(m => m.TextOf("filePath") is not null).DistinctBy(m => DokployService.Normal(m.TextOf("filePath")!))
            .ToDictionary(m => DokployService.Normal(m.TextOf("filePath")!), m => values.Expand(m.TextOf("content") ?? "", m.TextOf("filePath")!, strict: false), StringComparer.Ordinal);

    private static Dictionary<string, string> Texts(YamlMap? map) =>
        map?.Entries.Where(e => e.Value is YamlScalar).ToDictionary(e => e.Key, e => ((YamlScalar)e.Value).Text, StringComparer.Ordinal) ?? new(StringComparer.Ordinal);

    /// <summary>For double quotes in a file of variables.</summary>
    private static string Quoted(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal).Replace("$$", "\\$", StringComparison.Ordinal);
}
