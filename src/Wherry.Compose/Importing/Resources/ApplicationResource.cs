using System.Globalization;
using Wherry.Compose.Reading;
using Wherry.Compose.Yaml;

namespace Wherry.Compose.Importing.Resources;

/// <summary>A document with <c>resource: application</c>: its service.</summary>
internal sealed class ApplicationResource(Fields f, ResourceReferences references, List<LostPoint> lost)
{
    private const string DockerImage = "docker-image";

    private readonly List<DatabaseResource> _needs = [];
    private readonly List<(int Port, string Path, string Host, bool IsSecure)> _routes = [];
    private readonly List<(int Listen, int Port)> _tcp = [];

    public string Name { get; } = f["name"]?.Filled() ?? NameOf(f["image"]?.Text() ?? "");

    /// <summary>Volumes that it names.</summary>
    public HashSet<string> Volumes { get; } = [];

    /// <summary>The service; what is wrong is reported.</summary>
    public YamlMap Read()
    {
        CheckType();
        _ = f["description"];
        var image = f["image"] is { } given ? references.Resolve(given, Name, "image") : null;
        if (image is null)
        {
            f.Wrong("compose/value", "needs image", "Write image: with the name of a Docker image.");
        }

        var c = f["configuration"]?.Map();
        ReadPorts(c);
        var environment = ReadEnvironment(c?["environment"]);
        var health = ReadHealth(c?["healthCheck"]?.Map());
        var resources = ReadResources(c?["resources"]?.Map());
        var replicas = c?["replicas"]?.Int(0, 1000);
        var volumes = c?["volumes"]?.Items().Select(ReadVolume).OfType<YamlNode>().ToList() ?? [];
        var command = c?["command"]?.Words();
        c?.Close();
        f.Close();
        return TreeEdit.Map(
            ("image", TreeEdit.Text(image ?? "")),
            ("command", command is null ? null : TreeEdit.List(command.Select(w => TreeEdit.Text(VariableText.Escape(w))))),
            ("environment", environment),
            ("expose", _routes.Count > 0 ? TreeEdit.List(_routes.Select(r => r.Port).Distinct().Select(p => TreeEdit.Text(p.ToString(CultureInfo.InvariantCulture)))) : null),
            ("volumes", volumes.Count > 0 ? TreeEdit.List(volumes) : null),
            ("depends_on", _needs.Count > 0 ? TreeEdit.Map(_needs.Distinct().Select(n => (n.Name, (YamlNode?)TreeEdit.Map(("condition", TreeEdit.Text("service_healthy")))))) : null),
            ("deploy", replicas is null && resources is null ? null : TreeEdit.Map(("replicas", replicas is { } count ? TreeEdit.Number((int)count) : null), ("resources", resources))),
            ("x-wherry", Extension(health)));
    }

    private void CheckType()
    {
        if (f["type"] is { } type && type.Text() != DockerImage)
        {
            type.Wrong("import/resource-type", $"{type.Shown} is no application that can be imported", $"Use {DockerImage}; a source that is built belongs into a Compose file with build:.");
        }
    }

    private void ReadPorts(Fields? c)
    {
        foreach (var port in c?["ports"]?.Items() ?? [])
        {
            if (port.Map() is not { } p)
            {
                continue;
            }

            var inside = (int?)p["containerPort"]?.Int(1, 65535);
            var outside = (int?)p["publicPort"]?.Int(1, 65535);
            var protocol = p["protocol"]?.OneOf("https", "http", "wss", "ws", "tcp") ?? (outside is 443 ? "https" : "http");
            var path = p["path"]?.Filled() ?? "/";
            var host = p["host"] is { } named ? references.Resolve(named, Name, "host") : null;
            p.Close();
            if (inside is null)
            {
                p.Wrong("compose/value", "needs containerPort", "Write containerPort: with the port that the container listens on.");
            }
            else if (protocol == "tcp")
            {
                _tcp.Add((outside ?? inside.Value, inside.Value));
            }
            else
            {
                AddRoute(inside.Value, outside, path, host, protocol is "https" or "wss");
            }
        }
    }

    private void AddRoute(int inside, int? outside, string path, string? host, bool isSecure)
    {
        if (outside is { } port && port != (isSecure ? 443 : 80))
        {
            lost.Add(new($"{Name}.configuration.ports", $"the route to {inside} is served on the edge's own ports, not on {port}"));
        }

        _routes.Add((inside, path, host ?? references.Host(Name), isSecure));
    }

    private YamlMap? ReadEnvironment(Field? field)
    {
        var pairs = field?.Entries().Select(e => (e.Key, (YamlNode?)TreeEdit.Text(references.Resolve(e.Value, Name, e.Key, _needs.Add) ?? ""))).ToList() ?? [];
        return pairs.Count > 0 ? TreeEdit.Map(pairs) : null;
    }

    private static YamlMap? ReadHealth(Fields? health)
    {
        if (health is null)
        {
            return null;
        }

        var (interval, timeout, retries) = (health["interval"]?.Int(1, 3600), health["timeout"]?.Int(1, 3600), health["retries"]?.Int(1, 1000));
        var map = TreeEdit.Map(
            ("path", TreeEdit.Text(health["path"]?.Filled() ?? "/")),
            ("port", health["port"]?.Int(1, 65535) is { } port ? TreeEdit.Number((int)port) : null),
            ("interval", interval is null ? null : TreeEdit.Text($"{interval}s")),
            ("timeout", timeout is null ? null : TreeEdit.Text($"{timeout}s")),
            ("deadline", TreeEdit.Text($"{Math.Max(300, (interval ?? 1) * ((retries ?? 3) + 1))}s")));
        health.Close();
        return map;
    }

    private static YamlMap? ReadResources(Fields? resources)
    {
        if (resources is null)
        {
            return null;
        }

        var (cpu, memory) = (resources["cpu"]?.Cores(), resources["memory"]?.Int(1, 1 << 24));
        resources.Close();
        return TreeEdit.Map(("limits", TreeEdit.Map(
            ("cpus", cpu is { } cores ? TreeEdit.Text(cores.ToString(CultureInfo.InvariantCulture)) : null),
            ("memory", memory is { } megabytes ? TreeEdit.Text($"{megabytes}m") : null))));
    }

    private YamlScalar? ReadVolume(Field field)
    {
        if (references.Resolve(field, Name, "volume") is not { Length: > 0 } text)
        {
            return null;
        }

        var source = text.Split(':')[0];
        if (source is not ("" or ['/' or '.' or '~' or '$', ..]))
        {
            Volumes.Add(source);
        }

        return TreeEdit.Text(text);
    }

    private YamlMap? Extension(YamlMap? health)
    {
        var routes = _routes.Select(r => TreeEdit.Map(
            ("host", TreeEdit.Text(r.Host)),
            ("path", r.Path == "/" ? null : TreeEdit.Text(r.Path)),
            ("port", TreeEdit.Number(r.Port)))).ToList();
        var tcp = _tcp.Select(t => TreeEdit.Map(("listen", TreeEdit.Number(t.Listen)), ("port", TreeEdit.Number(t.Port)))).ToList();
        return routes.Count == 0 && tcp.Count == 0 && health is null ? null : TreeEdit.Map(
            ("routes", routes.Count > 0 ? TreeEdit.List(routes) : null),
            ("tls", _routes.Exists(r => r.IsSecure) ? TreeEdit.Plain("true") : null),
            ("tcp", tcp.Count > 0 ? TreeEdit.List(tcp) : null),
            ("health", health));
    }

    /// <summary>The last part of an image's name.</summary>
    private static string NameOf(string image) => image.Split('@')[0].Split('/')[^1].Split(':')[0] is { Length: > 0 } name ? name : "application";
}
