using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Compose.Reading;

/// <summary>The file's top-level volumes, networks, secrets and configs.</summary>
internal sealed class TopLevel
{
    private const int MaxEngineName = 255;

    private readonly Dictionary<SourcePath, string> _folders = [];

    public required SortedDictionary<string, VolumeSpec> Volumes { get; init; }

    public required SortedDictionary<string, NetworkSpec> Networks { get; init; }

    public required SortedDictionary<string, FileSource?> Secrets { get; init; }

    public required SortedDictionary<string, FileSource?> Configs { get; init; }

    public static TopLevel Read(Fields root) => new()
    {
        Volumes = ReadAll(root["volumes"], ReadVolume),
        Networks = WithDefault(ReadAll(root["networks"], ReadNetwork)),
        Secrets = ReadAll<FileSource?>(root["secrets"], f => FileSource.Read(f, isSecret: true)),
        Configs = ReadAll<FileSource?>(root["configs"], f => FileSource.Read(f, isSecret: false)),
    };

    /// <summary>The services with the names that their volumes and networks have on the engine, where the file gives them one: another name is another container.</summary>
    public SortedDictionary<ServiceName, ServiceSpec> WithEngineNames(SortedDictionary<ServiceName, ServiceSpec> services)
    {
        foreach (var (name, spec) in services.ToList())
        {
            services[name] = spec with
            {
                Mounts = [.. spec.Mounts.Select(m => m is { Kind: MountKind.Volume, Source: { } v } ? m with { EngineName = Volumes.GetValueOrDefault(v)?.ExplicitName } : m)],
                Networks = spec.Networks.ToDictionary(n => n.Key, n => n.Value with { EngineName = Networks.GetValueOrDefault(n.Key)?.ExplicitName }),
            };
        }

        return services;
    }

    /// <summary>The volume that stands for a folder which the source does not have: the same one for every service.</summary>
    public string VolumeOf(SourcePath path)
    {
        if (!_folders.TryGetValue(path, out var name))
        {
            name = _folders[path] = RelativeBinds.VolumeName(path, Volumes.ContainsKey);
            Volumes[name] = new();
        }

        return name;
    }

    /// <summary>An entry that could not be read stays as <see langword="null"/>, so that who refers to it is not told that it is missing.</summary>
    private static SortedDictionary<string, T> ReadAll<T>(Field? section, Func<Field, T> read)
    {
        var all = new SortedDictionary<string, T>(StringComparer.Ordinal);
        foreach (var (name, field) in section?.Entries() ?? [])
        {
            if (!IsName(name))
            {
                field.Wrong($"{Problem.Quoted(name)} is not a name for this", "Use 1 to 63 letters, digits and . _ -, starting with a letter or digit.");
                continue;
            }

            all[name] = read(field);
        }

        return all;
    }

    private static bool IsName(string name, int longest = 63) => name.Length <= longest && name.Length > 0 && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    private static SortedDictionary<string, NetworkSpec> WithDefault(SortedDictionary<string, NetworkSpec> networks)
    {
        networks.TryAdd("default", new());
        return networks;
    }

    private static VolumeSpec ReadVolume(Field field)
    {
        if (field.Node.IsNull || field.Map() is not { } f)
        {
            return new();
        }

        var (external, name) = ReadExternal(f);
        var volume = new VolumeSpec
        {
            ExplicitName = name ?? (external ? f.Path["volumes.".Length..] : null),
            External = external,
            Driver = f["driver"]?.Filled(),
            DriverOptions = f["driver_opts"]?.Pairs() ?? [],
            Labels = f["labels"]?.Pairs() ?? [],
        };
        f.Close();
        return volume;
    }

    private static NetworkSpec ReadNetwork(Field field)
    {
        if (field.Node.IsNull || field.Map() is not { } f)
        {
            return new();
        }

        var (external, name) = ReadExternal(f);
        var network = new NetworkSpec
        {
            ExplicitName = name ?? (external ? f.Path["networks.".Length..] : null),
            External = external,
            Driver = f["driver"]?.Filled(),
            Ipam = IpamReader.Read(f["ipam"]),
            EnableIpv6 = f["enable_ipv6"]?.Bool() is true ? true : null,
            Attachable = f["attachable"]?.Bool() is true ? true : null,
            Internal = f["internal"]?.Bool() ?? false,
            DriverOptions = f["driver_opts"]?.Pairs() ?? [],
            Labels = f["labels"]?.Pairs() ?? [],
        };
        f.Ignore("every network has IPv4", "enable_ipv4");
        f.Close();
        return network;
    }

    /// <summary><c>external: true</c> with <c>name</c>, or the old <c>external: { name: … }</c>.</summary>
    private static (bool External, string? Name) ReadExternal(Fields f)
    {
        var name = ReadName(f);
        if (f["external"] is not { } external)
        {
            return (false, name);
        }

        if (!external.IsMap)
        {
            return (external.Bool() ?? false, name);
        }

        var old = external.Map()!;
        name ??= ReadName(old);
        old.Close();
        return (true, name);
    }

    private static string? ReadName(Fields f)
    {
        if (f["name"] is not { } field || field.Filled() is not { } name)
        {
            return null;
        }

        if (IsName(name, MaxEngineName))
        {
            return name;
        }

        field.Wrong($"{Problem.Quoted(name)} is not a name on the engine", "Use letters, digits and . _ -, starting with a letter or digit.");
        return null;
    }
}
