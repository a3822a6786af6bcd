using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Compose.Reading;

/// <summary>The options of a mount, in one word each behind a colon and as mappings in the long form.</summary>
internal static class MountOptionsReader
{
    private const string NoLabels = "has no effect on a server without SELinux or a virtual machine";

    /// <summary>What stands behind the second colon of a volume or bind.</summary>
    public static (bool ReadOnly, MountOptions? Options) ReadShort(Field item, string text, bool isBind)
    {
        var readOnly = false;
        var options = new MountOptions();
        foreach (var option in text.Split(','))
        {
            switch (option)
            {
                case "ro":
                    readOnly = true;
                    break;
                case "rw":
                    break;
                case "z" or "Z" or "cached" or "delegated" or "consistent":
                    item.Warn("compose/no-effect", $"the option {option} {NoLabels}");
                    break;
                case "nocopy" when !isBind:
                    options = options with { NoCopy = true };
                    break;
                case "rprivate" or "private" or "rshared" or "shared" or "rslave" or "slave" when isBind:
                    options = options with { Propagation = option };
                    break;
                default:
                    item.Wrong("compose/unsupported-key", $"the mount option {Problem.Quoted(option)} is not supported", isBind ? "Use ro, rw or a propagation such as rslave." : "Use ro, rw or nocopy.");
                    break;
            }
        }

        return (readOnly, Said(options));
    }

    /// <summary>The mappings <c>bind</c>, <c>volume</c> and <c>tmpfs</c> of the long form.</summary>
    /// <returns>The options, and the size of a tmpfs.</returns>
    public static (MountOptions? Options, ByteSize? Size) ReadLong(Fields f, string? type)
    {
        f.Ignore("files are seen by everybody at once on a server", "consistency");
        var options = new MountOptions();
        if (f["bind"]?.Map() is { } bind)
        {
            var read = ReadBind(bind);
            options = type == "bind" ? read : options;
        }

        if (f["volume"]?.Map() is { } volume)
        {
            var read = ReadVolume(volume);
            options = type == "volume" ? read : options;
        }

        ByteSize? size = null;
        if (f["tmpfs"]?.Map() is { } tmpfs)
        {
            size = tmpfs["size"]?.Size();
            options = tmpfs["mode"]?.Mode() is { } mode && type == "tmpfs" ? options with { Mode = mode } : options;
            tmpfs.Close();
        }

        return (Said(options), size);
    }

    /// <summary><c>/path</c> or <c>/path:size=64m,mode=1777,uid=1000</c>.</summary>
    public static Mount? ReadTmpfs(Field item)
    {
        if (item.Filled() is not { } text)
        {
            return null;
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var target = colon < 0 ? text : text[..colon];
        ByteSize? size = null;
        var readOnly = false;
        var words = new List<string>();
        foreach (var option in colon < 0 ? [] : text[(colon + 1)..].Split(','))
        {
            switch (option.Split('=', 2))
            {
                case ["ro"]:
                    readOnly = true;
                    break;
                case ["rw" or "noexec" or "nosuid" or "nodev"]:
                    break;
                case ["size", var number]:
                    size = item.Try(() => ByteSize.Parse(number));
                    break;
                case ["exec" or "suid" or "dev" or "noatime" or "relatime"]:
                case ["uid" or "gid" or "nr_inodes" or "nr_blocks", { Length: > 0 }]:
                case ["mode", { Length: > 0 and < 6 } bits] when bits.All(c => c is >= '0' and <= '7'):
                    words.Add(option);
                    break;
                default:
                    item.Wrong("compose/unsupported-key", $"the tmpfs option {Problem.Quoted(option)} is not supported", "Use size=…, mode=…, uid=…, gid=…, exec or ro.");
                    break;
            }
        }

        return new(MountKind.Tmpfs, null, target, readOnly, size, Options: words.Count > 0 ? new() { Tmpfs = words } : null);
    }

    private static MountOptions ReadBind(Fields f)
    {
        f.Ignore("the server has no SELinux labels", "selinux");
        var recursive = f["recursive"]?.OneOf("enabled", "disabled", "writable", "readonly");
        var options = new MountOptions
        {
            Propagation = f["propagation"]?.OneOf("rprivate", "private", "rshared", "shared", "rslave", "slave"),
            Recursive = recursive is "enabled" ? null : recursive,
            MustExist = f["create_host_path"]?.Bool() is false ? true : null,
        };
        f.Close();
        return options;
    }

    private static MountOptions ReadVolume(Fields f)
    {
        var options = new MountOptions
        {
            NoCopy = f["nocopy"]?.Bool() is true ? true : null,
            Subpath = f["subpath"] is { } subpath ? ReadSubpath(subpath) : null,
        };
        f.Refuse(new Dictionary<string, string> { ["labels"] = "write labels at the top-level volume" });
        f.Close();
        return options;
    }

    private static string? ReadSubpath(Field field)
    {
        var text = field.Filled();
        if (text is null || (!text.StartsWith('/') && !text.Split('/').Contains("..")))
        {
            return text;
        }

        field.Wrong($"{field.Shown} is not a folder inside the volume", "Write a relative path without .., for instance uploads/2026.");
        return null;
    }

    private static MountOptions? Said(MountOptions options) => options == new MountOptions() ? null : options;
}
