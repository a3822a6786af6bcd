using Wherry.Compose.Yaml;
using Wherry.Core.Problems;

namespace Wherry.Compose.Importing.Runs;

/// <summary><c>--volume</c> and <c>--mount</c>.</summary>
internal static class RunMounts
{
    /// <param name="volumes">Takes the name of a volume.</param>
    public static YamlScalar Short(string value, Func<string, string> write, HashSet<string> volumes)
    {
        var parts = value.Split(':');
        if (parts.Length > 1 && parts[0] is not ['/' or '.' or '~' or '$', ..])
        {
            volumes.Add(parts[0]);
        }

        return TreeEdit.Text(write(value));
    }

    /// <summary><c>type=bind,source=/a,target=/b,readonly</c>.</summary>
    public static YamlMap Long(string value, Func<string, string> write, HashSet<string> volumes)
    {
        var mount = TreeEdit.Map(("type", TreeEdit.Text("volume")));
        foreach (var part in value.Split(','))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var (key, text) = equals < 0 ? (part, "true") : (part[..equals], part[(equals + 1)..]);
            mount = key switch
            {
                "type" => mount.With("type", TreeEdit.Text(text)),
                "source" or "src" => mount.With("source", TreeEdit.Text(write(text))),
                "target" or "destination" or "dst" => mount.With("target", TreeEdit.Text(write(text))),
                "readonly" or "ro" => mount.With("read_only", TreeEdit.Plain(text is "true" or "1" ? "true" : "false")),
                "bind-propagation" => mount.With("bind", TreeEdit.Map(("propagation", TreeEdit.Text(text)))),
                "volume-nocopy" => mount.With("volume", TreeEdit.Map(("nocopy", TreeEdit.Plain(text)))),
                "volume-subpath" => mount.With("volume", TreeEdit.Map(("subpath", TreeEdit.Text(text)))),
                "tmpfs-size" => mount.With("tmpfs", (mount.MapOf("tmpfs") ?? TreeEdit.Map()).With("size", TreeEdit.Text(text))),
                "tmpfs-mode" => mount.With("tmpfs", (mount.MapOf("tmpfs") ?? TreeEdit.Map()).With("mode", TreeEdit.Plain($"0{text.TrimStart('0')}"))),
                _ => throw RunLine.Unknown($"--mount {key}"),
            };
        }

        if (mount.TextOf("target") is null)
        {
            throw RunLine.Wrong($"--mount {Problem.Quoted(value)} has no target.", "Write target= and the path in the container.");
        }

        if (mount.TextOf("type") == "volume" && mount.TextOf("source") is { } name)
        {
            volumes.Add(name);
        }

        return mount;
    }
}
