using Wherry.Compose.Yaml;

namespace Wherry.Compose.Importing.Dokploy;

/// <summary>A service of a template, with what Dokploy brings to it: variables, files and domains.</summary>
/// <param name="files">Content of the template's files by path, for the Compose file.</param>
internal sealed class DokployService(DokployValues values, IReadOnlyDictionary<string, string> files)
{
    /// <summary>The file that stands for Dokploy's <c>.env</c>.</summary>
    public const string EnvFile = "template.env";

    private const string SharedNetwork = "dokploy-network";
    private const string FilesFolder = "../files/";

    public SortedDictionary<string, YamlNode> Configs { get; } = new(StringComparer.Ordinal);

    public SortedSet<string> Volumes { get; } = new(StringComparer.Ordinal);

    public List<LostPoint> Lost { get; } = [];

    public bool UsesEnvFile { get; private set; }

    public YamlMap Translate(string name, YamlMap service, YamlMap? extension)
    {
        service = (YamlMap)service.EachText(text => VariableText.Replace(text, Exchange));
        service = WithEnvironment(WithEnvFile(WithoutNetwork(service)));
        service = WithPorts(WithVolumes(name, service), extension is not null);
        return extension is null || service.Find("x-wherry") is not null ? service : service.With("x-wherry", extension);
    }

    private string? Exchange(VariableText.Reference reference) => values.OfEnvironment(reference.Name) switch
    {
        null => null,
        _ when reference.Operator is ":+" or "+" => VariableText.Replace(reference.Rest, Exchange),
        var text => text,
    };

    /// <summary>A name without value takes the template's.</summary>
    private YamlMap WithEnvironment(YamlMap service) => service.Find("environment")?.Value switch
    {
        YamlList list => service.With("environment", TreeEdit.List(list.Items.Select(i => i is YamlScalar { Text: var name } && values.OfEnvironment(name) is { } text ? TreeEdit.Text($"{name}={text}") : i))),
        YamlMap map => service.With("environment", new YamlMap(map.At, [.. map.Entries.Select(e => e.Value.IsNull && values.OfEnvironment(e.Key) is { } text ? e with { Value = TreeEdit.Text(text) } : e)])),
        _ => service,
    };

    private YamlMap WithEnvFile(YamlMap service)
    {
        if (service.Find("env_file")?.Value is not { } named)
        {
            return service;
        }

        var changed = named.EachText(file => file is ".env" or "./.env" ? EnvFile : file);
        UsesEnvFile |= changed.Texts().Any(t => t.Text == EnvFile);
        return service.With("env_file", changed);
    }

    private static YamlMap WithoutNetwork(YamlMap service)
    {
        YamlNode? kept = service.Find("networks")?.Value switch
        {
            YamlList list => TreeEdit.List(list.Items.Where(i => i is not YamlScalar { Text: SharedNetwork })),
            YamlMap map => map.Without(SharedNetwork),
            _ => null,
        };
        return kept switch
        {
            null => service,
            YamlList { Items.Count: 0 } or YamlMap { Entries.Count: 0 } => service.Without("networks"),
            _ => service.With("networks", kept),
        };
    }

    /// <summary>A port without one of the server was for the proxy.</summary>
    private static YamlMap WithPorts(YamlMap service, bool isRouted)
    {
        var bare = service.ItemsOf("ports").OfType<YamlScalar>().Where(p => p.Text.All(char.IsAsciiDigit)).ToList();
        if (!isRouted || bare.Count == 0)
        {
            return service;
        }

        var ports = service.ItemsOf("ports").Except(bare).ToList();
        service = ports.Count > 0 ? service.With("ports", TreeEdit.List(ports)) : service.Without("ports");
        return service.With("expose", TreeEdit.List([.. service.ItemsOf("expose"), .. bare.Select(p => TreeEdit.Text(p.Text))]));
    }

    private YamlMap WithVolumes(string name, YamlMap service)
    {
        if (service.Find("volumes")?.Value is not YamlList list)
        {
            return service;
        }

        var mounts = new List<YamlNode>();
        var configs = service.ItemsOf("configs").ToList();
        foreach (var mount in list.Items)
        {
            var (source, target, rest) = Parts(mount);
            if (source is null || target is null || !source.StartsWith('.'))
            {
                mounts.Add(mount);
                continue;
            }

            var found = FilesAt(source).ToList();
            configs.AddRange(found.Select(f => Config(f.Path, target + f.Below)));
            if (found.Count == 0)
            {
                mounts.Add(TreeEdit.Text($"{Volume(name, source)}:{target}{rest}"));
            }
        }

        service = mounts.Count > 0 ? service.With("volumes", TreeEdit.List(mounts)) : service.Without("volumes");
        return configs.Count > 0 ? service.With("configs", TreeEdit.List(configs)) : service;
    }

    /// <summary>The file at a path, or all below it.</summary>
    private IEnumerable<(string Path, string Below)> FilesAt(string source)
    {
        var path = Normal(source.StartsWith(FilesFolder, StringComparison.Ordinal) ? source[FilesFolder.Length..] : source);
        return files.Keys.Where(f => f == path || f.StartsWith(path + "/", StringComparison.Ordinal)).Select(f => (f, f[path.Length..]));
    }

    private YamlMap Config(string path, string target)
    {
        var name = ImportNames.OfPath(path);
        Configs[name] = TreeEdit.Map(("content", TreeEdit.Text(files[path])));
        return TreeEdit.Map(
            ("source", TreeEdit.Text(name)),
            ("target", TreeEdit.Text(target)),
            ("mode", files[path].StartsWith("#!", StringComparison.Ordinal) ? TreeEdit.Plain("0755") : null));
    }

    private string Volume(string service, string source)
    {
        var volume = ImportNames.OfPath(source.StartsWith(FilesFolder, StringComparison.Ordinal) ? source[FilesFolder.Length..] : source);
        if (Volumes.Add(volume))
        {
            Lost.Add(new($"services.{service}.volumes", $"the folder {source} becomes the volume {volume}; what stood in it has to be copied"));
        }

        return volume;
    }

    /// <summary>Source, target, and what stands behind the target in the short form.</summary>
    private static (string? Source, string? Target, string Options) Parts(YamlNode mount)
    {
        if (mount is YamlMap map)
        {
            return (map.TextOf("source"), map.TextOf("target"), map.TextOf("read_only") == "true" ? ":ro" : "");
        }

        var parts = (mount as YamlScalar)?.Text.Split(':', 3) ?? [];
        return parts.Length < 2 ? (null, null, "") : (parts[0], parts[1].TrimEnd('/'), parts.Length > 2 ? $":{parts[2]}" : "");
    }

    public static string Normal(string path) => path.Trim('/').Replace("./", "", StringComparison.Ordinal).Trim('/');
}
