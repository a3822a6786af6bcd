using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Compose.Reading;

/// <summary><c>volumes</c>, short and long, and <c>tmpfs</c>.</summary>
internal static class VolumeReader
{
    private const int MaxMounts = 200;

    /// <param name="f">The service.</param>
    /// <param name="service">Where relative paths start.</param>
    /// <param name="files">Gets the files of the source that are mounted.</param>
    public static IReadOnlyList<Mount> Read(Fields f, ServiceContext service, List<FileMount> files)
    {
        var mounts = new List<Mount>();
        var (volumes, tmpfs) = (f["volumes"]?.Items() ?? [], f["tmpfs"]?.ItemOrItems() ?? []);
        if (volumes.Count + tmpfs.Count > MaxMounts)
        {
            f.Wrong("compose/value", $"mounts more than {MaxMounts} volumes", "Mount fewer.");
            return [];
        }

        foreach (var item in volumes)
        {
            var mount = item.IsMap ? ReadLong(item, service) : ReadShort(item, service);
            Add(mounts, item, mount is { Kind: MountKind.Bind, Source: [not '/', ..], Target: ['/', ..] } ? RelativeBinds.Place(item, mount, service, files) : mount);
        }

        foreach (var item in tmpfs)
        {
            Add(mounts, item, MountOptionsReader.ReadTmpfs(item));
        }

        return mounts;
    }

    private static void Add(List<Mount> mounts, Field item, Mount? mount)
    {
        if (mount is null)
        {
            return;
        }

        if (!mount.Target.StartsWith('/'))
        {
            item.Wrong($"the target {Problem.Quoted(mount.Target)} is not an absolute path", "Start the path in the container with /.");
        }
        else if (mounts.Exists(m => m.Target.TrimEnd('/') == mount.Target.TrimEnd('/')))
        {
            item.Wrong($"something is mounted at {Problem.Quoted(mount.Target)} already", "Mount one thing per path.");
        }
        else
        {
            mounts.Add(mount);
        }
    }

    private static Mount? ReadShort(Field item, ServiceContext service)
    {
        if (item.Filled() is not { } text)
        {
            return null;
        }

        var parts = text.Split(':');
        if (text.Contains('\\', StringComparison.Ordinal) || parts is [[_], ['/', ..], ['/', ..]])
        {
            item.Wrong("source/path", $"{item.Shown} has a path of Windows", "Write it relative to the Compose file, with / between its parts: ./data:/data.");
            return null;
        }

        if (parts.Length > 3 || parts.Any(p => p.Length == 0))
        {
            item.Wrong($"{item.Shown} is not a volume", "Write it as name:/path, name:/path:ro or /path.");
            return null;
        }

        if (parts.Length == 1)
        {
            return new(MountKind.Volume, null, text, ReadOnly: false);
        }

        var isPath = parts[0][0] is '/' or '.' or '~';
        var source = isPath ? CheckHostPath(item, parts[0]) : CheckVolume(item, parts[0], service);
        var (readOnly, options) = parts.Length == 3 ? MountOptionsReader.ReadShort(item, parts[2], isPath) : (false, null);
        return source is null ? null : new(isPath ? MountKind.Bind : MountKind.Volume, source, parts[1], readOnly, Options: options);
    }

    private static string? CheckHostPath(Field field, string path)
    {
        if (!path.StartsWith('~'))
        {
            return path;
        }

        field.Wrong(
            "compose/relative-bind",
            $"{Problem.Quoted(path)} is in the home of whoever starts Compose, and that does not exist on a server",
            "Put the files into the source and write a path relative to the Compose file, or use a named volume.");
        return null;
    }

    private static string? CheckVolume(Field field, string name, ServiceContext service)
    {
        if (service.Top.Volumes.ContainsKey(name))
        {
            return name;
        }

        field.Wrong("compose/undefined-reference", $"the volume {Problem.Quoted(name)} is not declared", "Add it under the top-level volumes.");
        return null;
    }

    private static Mount? ReadLong(Field item, ServiceContext service)
    {
        var f = item.Map()!;
        var type = f["type"]?.OneOf("volume", "bind", "tmpfs");
        var target = f["target"]?.Filled();
        var source = f["source"] is { } from ? ReadSource(from, type, service) : null;
        var readOnly = f["read_only"]?.Bool() ?? false;
        var (options, size) = MountOptionsReader.ReadLong(f, type);
        if (!f.Has("type") || !f.Has("target"))
        {
            f.Wrong("compose/value", "needs type and target", "Write type: volume, bind or tmpfs, and target: with the path in the container.");
        }

        if (type == "bind" && !f.Has("source"))
        {
            f.Wrong("compose/value", "a bind needs a source", "Write source: with an absolute path of the server.");
        }

        f.Close();
        return (type, target) switch
        {
            (null, _) or (_, null) => null,
            ("tmpfs", _) => new(MountKind.Tmpfs, null, target, readOnly, size, Options: options),
            ("bind", _) => source is null ? null : new(MountKind.Bind, source, target, readOnly, Options: options),
            _ => source is null && f.Has("source") ? null : new(MountKind.Volume, source, target, readOnly, Options: options),
        };
    }

    private static string? ReadSource(Field field, string? type, ServiceContext service) => (type, field.Filled()) switch
    {
        (_, null) or (null, _) => null,
        ("bind", var path) => CheckHostPath(field, path),
        ("volume", var name) => CheckVolume(field, name, service),
        _ => NoSource(field),
    };

    private static string? NoSource(Field field)
    {
        field.Wrong("a tmpfs has no source", "Remove the key.");
        return null;
    }
}
