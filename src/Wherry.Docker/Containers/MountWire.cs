using Wherry.Core.Model;

namespace Wherry.Docker;

internal sealed record MountWire
{
    public required string Type { get; init; }

    public string? Source { get; init; }

    public required string Target { get; init; }

    public bool ReadOnly { get; init; }

    public BindOptionsWire? BindOptions { get; init; }

    public VolumeOptionsWire? VolumeOptions { get; init; }

    public TmpfsOptionsWire? TmpfsOptions { get; init; }

    /// <summary>A bind in the form <c>/host:/container:ro</c>: only this makes the engine create a missing folder. It cannot carry a path with a colon.</summary>
    public static bool IsShortBind(Mount m) =>
        m is { Kind: MountKind.Bind, Options: null or { MustExist: not true, Recursive: null } } && !m.Source!.Contains(':', StringComparison.Ordinal) && !m.Target.Contains(':', StringComparison.Ordinal);

    public static string ShortBind(Mount m)
    {
        var options = string.Join(',', new[] { m.ReadOnly ? "ro" : null, m.Options?.Propagation }.OfType<string>());
        return $"{m.Source}:{m.Target}{(options.Length > 0 ? $":{options}" : "")}";
    }

    public static MountWire Of(Mount mount) => new()
    {
        Type = mount.Kind switch { MountKind.Volume => "volume", MountKind.Bind => "bind", _ => "tmpfs" },
        Source = mount.Source,
        Target = mount.Target,
        ReadOnly = mount.ReadOnly,
        BindOptions = mount is { Kind: MountKind.Bind, Options: { } bind } ? new(bind.Propagation, bind.Recursive is "disabled", bind.Recursive is "writable", bind.Recursive is "readonly") : null,
        VolumeOptions = mount is { Kind: MountKind.Volume, Options: { } volume } ? new(volume.NoCopy ?? false, volume.Subpath) : null,
        TmpfsOptions = mount.Kind == MountKind.Tmpfs && (mount.Size?.Bytes, mount.Options?.Mode) is var (size, mode) && (size ?? mode) is not null ? new(size, mode) : null,
    };
}

internal sealed record BindOptionsWire(string? Propagation, bool NonRecursive, bool ReadOnlyNonRecursive, bool ReadOnlyForceRecursive);

internal sealed record VolumeOptionsWire(bool NoCopy, string? Subpath);

/// <param name="Mode">Go's file mode, whose lower bits are the permissions.</param>
internal sealed record TmpfsOptionsWire(long? SizeBytes, long? Mode);
