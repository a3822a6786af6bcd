using Wherry.Compose.Yaml;

namespace Wherry.Compose.Importing.Coolify;

/// <summary>The mounts of a template: a file with <c>content</c> becomes a config, a folder of the template a named volume, and what is used gets declared.</summary>
internal sealed class CoolifyVolumes
{
    private const string VolumeVariable = "COOLIFY_VOLUME_";

    private readonly SortedDictionary<string, YamlNode> _configs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Name, YamlNode? Mode)> _configOf = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, string> _folders = new(StringComparer.Ordinal);
    private readonly HashSet<string> _volumes = new(StringComparer.Ordinal);
    private readonly List<LostPoint> _lost = [];

    private CoolifyVolumes()
    {
    }

    /// <summary>The top-level <c>configs</c>; empty when there are none.</summary>
    public YamlMap Configs => TreeEdit.Map(_configs.Select(c => (c.Key, (YamlNode?)c.Value)));

    public IEnumerable<LostPoint> Lost => _lost.Concat(_folders.Select(f => new LostPoint("volumes", $"the folder {f.Key} becomes the volume {f.Value}; what stood in it has to be copied")));

    /// <summary>Looks at all services first: a file's content stands in one of them, and others may mount it.</summary>
    public static CoolifyVolumes Find(IReadOnlyList<(string Name, YamlMap Service)> services, YamlMap? declared)
    {
        var volumes = new CoolifyVolumes();
        volumes._volumes.UnionWith(declared?.Entries.Select(e => e.Key) ?? []);
        foreach (var mount in services.SelectMany(s => s.Service.ItemsOf("volumes")).OfType<YamlMap>())
        {
            if (mount.Find("content")?.Value is YamlScalar content && mount.TextOf("source") is { } source)
            {
                volumes.AddConfig(source, content.Text, mount.Find("mode")?.Value);
            }
        }

        return volumes;
    }

    /// <summary>The service with mounts that Compose knows.</summary>
    public YamlMap Translate(string name, YamlMap service)
    {
        if (service.Find("volumes")?.Value is not YamlList list)
        {
            return service;
        }

        var mounts = new List<YamlNode>();
        var configs = service.ItemsOf("configs").ToList();
        for (var i = 0; i < list.Items.Count; i++)
        {
            var place = $"services.{name}.volumes[{i}]";
            var (mount, config) = list.Items[i] switch
            {
                YamlMap map => Long(map),
                YamlScalar { Text: var text } scalar => Short(scalar, text, place),
                var other => (other, null),
            };
            if (mount is not null)
            {
                mounts.Add(mount);
            }

            if (config is not null)
            {
                configs.Add(config);
            }
        }

        service = mounts.Count > 0 ? service.With("volumes", TreeEdit.List(mounts)) : service.Without("volumes");
        return configs.Count > 0 ? service.With("configs", TreeEdit.List(configs)) : service;
    }

    /// <summary>The top-level <c>volumes</c> with what was used and not declared.</summary>
    public YamlMap Declare(YamlMap? declared)
    {
        var names = declared?.Entries.Select(e => e.Key).ToHashSet() ?? [];
        return new(default, [.. declared?.Entries ?? [], .. _volumes.Where(v => !names.Contains(v)).Select(v => new YamlEntry(v, default, TreeEdit.Nothing()))]);
    }

    private (YamlNode? Mount, YamlNode? Config) Long(YamlMap map)
    {
        var source = map.TextOf("source");
        if (source is not null && _configOf.TryGetValue(Normal(source), out var config))
        {
            return (null, Config(config, map.TextOf("target") ?? "/" + config.Name));
        }

        var mount = map.Without("content", "is_directory", "isDirectory", "mode");
        if (source is null || IsAbsolute(source))
        {
            return (mount, null);
        }

        return (mount.With("type", TreeEdit.Text("volume")).With("source", TreeEdit.Text(Volume(source))).Without("bind"), null);
    }

    private (YamlNode? Mount, YamlNode? Config) Short(YamlScalar scalar, string text, string place)
    {
        var parts = Split(text);
        if (parts.Count < 2 || IsAbsolute(parts[0]))
        {
            return (scalar, null);
        }

        if (_configOf.TryGetValue(Normal(parts[0]), out var config))
        {
            return (null, Config(config, parts[1]));
        }

        if (parts[0][0] is '.' or '~' && Path.GetExtension(parts[1]) is ".yml" or ".yaml" or ".json" or ".conf" or ".toml" or ".ini" or ".env")
        {
            _lost.Add(new(place, $"the file {parts[0]} is not part of the template; the image's own {parts[1]} is used"));
            return (null, null);
        }

        parts[0] = Volume(parts[0]);
        return (TreeEdit.Text(string.Join(':', parts)), null);
    }

    private void AddConfig(string source, string content, YamlNode? mode)
    {
        var name = Free(ImportNames.OfPath(source), n => _configs.ContainsKey(n));
        if (_configOf.TryAdd(Normal(source), (name, mode ?? (content.StartsWith("#!", StringComparison.Ordinal) ? TreeEdit.Plain("0755") : null))))
        {
            _configs[name] = TreeEdit.Map(("content", TreeEdit.Text(VariableText.Escape(content))));
        }
    }

    private static YamlMap Config((string Name, YamlNode? Mode) config, string target) =>
        TreeEdit.Map(("source", TreeEdit.Text(config.Name)), ("target", TreeEdit.Text(target)), ("mode", config.Mode));

    /// <summary>The volume that stands for a name or a folder of the template.</summary>
    private string Volume(string source)
    {
        if (source.StartsWith("${" + VolumeVariable, StringComparison.Ordinal))
        {
            source = source[(2 + VolumeVariable.Length)..].TrimEnd('}').ToLowerInvariant();
        }

        if (source is not ['.' or '~', ..])
        {
            source = ImportNames.OfPath(source);
            _volumes.Add(source);
            return source;
        }

        if (!_folders.TryGetValue(Normal(source), out var name))
        {
            name = Free(ImportNames.OfPath(source), _volumes.Contains);
            _folders.Add(Normal(source), name);
            _volumes.Add(name);
        }

        return name;
    }

    // A variable's default decides: Coolify's own volumes have names, others are folders of the server.
    private static bool IsAbsolute(string source) => source is "" or ['/', ..] || (source[0] == '$' && !source.StartsWith("${" + VolumeVariable, StringComparison.Ordinal));

    /// <summary>Parts between colons that are in no variable.</summary>
    private static List<string> Split(string text)
    {
        var (parts, from, depth) = (new List<string>(), 0, 0);
        for (var i = 0; i < text.Length; i++)
        {
            depth += text[i] switch { '{' => 1, '}' => -1, _ => 0 };
            if (text[i] == ':' && depth == 0)
            {
                parts.Add(text[from..i]);
                from = i + 1;
            }
        }

        parts.Add(text[from..]);
        return parts;
    }

    private static string Normal(string path) => path.TrimEnd('/');

    private static string Free(string name, Func<string, bool> isTaken) =>
        Enumerable.Range(1, int.MaxValue).Select(i => i == 1 ? name : $"{name}-{i}").First(n => !isTaken(n));
}
