using Wherry.Core.Model;

namespace Wherry.Compose.Writing;

/// <summary><c>volumes</c>, and <c>tmpfs</c> where only that carries the options.</summary>
internal static class MountWriter
{
    /// <summary>What is read from <c>tmpfs</c> comes after all volumes: from the first with options in words on, all mounts came from there.</summary>
    public static (YamlSequence? Volumes, YamlSequence? Tmpfs) Write(IReadOnlyList<Mount> mounts)
    {
        var volumes = mounts.TakeWhile(m => m.Options?.Tmpfs is null).ToList();
        return (new YamlSequence(volumes.Select(Volume)).OrNothing(), new YamlSequence(mounts.Skip(volumes.Count).Select(Tmpfs)).OrNothing());
    }

    private static YamlValue Volume(Mount mount)
    {
        var isShort = mount.Kind != MountKind.Tmpfs && mount.Options is null && !mount.Target.Contains(':', StringComparison.Ordinal) && mount.Source?.Contains(':', StringComparison.Ordinal) != true;
        return mount switch
        {
            { Source: { } source } when isShort => Escaped.Text($"{source}:{mount.Target}{(mount.ReadOnly ? ":ro" : "")}")!,
            { ReadOnly: false } when isShort => Escaped.Text(mount.Target)!,
            _ => new YamlMapping
            {
                ["type"] = TextForm.Of(mount.Kind),
                ["source"] = Escaped.Text(mount.Source),
                ["target"] = Escaped.Text(mount.Target),
                ["read_only"] = mount.ReadOnly ? true : null,
                ["bind"] = Bind(mount.Options ?? new()),
                ["volume"] = new YamlMapping { ["nocopy"] = mount.Options?.NoCopy is true ? true : null, ["subpath"] = Escaped.Text(mount.Options?.Subpath) }.OrNothing(),
                ["tmpfs"] = new YamlMapping { ["size"] = mount.Size is { } size ? TextForm.Of(size) : null, ["mode"] = mount.Options?.Mode is { } mode ? TextForm.OfMode(mode) : null }.OrNothing(),
            },
        };
    }

    private static YamlMapping? Bind(MountOptions options) => new YamlMapping
    {
        ["propagation"] = options.Propagation,
        ["recursive"] = options.Recursive,
        ["create_host_path"] = options.MustExist is true ? false : null,
    }.OrNothing();

    private static string Tmpfs(Mount mount)
    {
        string[] words =
        [
            .. mount.ReadOnly ? ["ro"] : (string[])[],
            .. mount.Size is { } size ? [$"size={TextForm.Of(size)}"] : (string[])[],
            .. mount.Options?.Tmpfs ?? [],
        ];
        return Escaped.Text(words.Length > 0 ? $"{mount.Target}:{string.Join(',', words)}" : mount.Target)!;
    }
}
