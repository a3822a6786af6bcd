using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Docker;

/// <summary>A folder as a build sees it: without what <c>.dockerignore</c> excludes, in a fixed order, owned by root, with modes 0755 or 0644 as Git keeps them.</summary>
/// <remarks>Symlinks are sent as symlinks. Sockets, pipes and devices are refused.</remarks>
public sealed class BuildContext
{
    private readonly ContextWalk _walk;
    private readonly string? _foreignDockerfile;

    private BuildContext(string folder, string dockerfile, string? foreignDockerfile, DockerIgnore ignore)
    {
        _foreignDockerfile = foreignDockerfile;
        Dockerfile = dockerfile;
        _walk = new(folder, ignore, foreignDockerfile is null ? dockerfile : null);
    }

    /// <summary>Path of the Dockerfile in the tar. One from outside the context is sent under a name of its own.</summary>
    public string Dockerfile { get; }

    /// <summary>Modification time of everything in the tar; no builder's cache looks at it, but web servers make <c>ETag</c>s of it. Give the commit's time. Default 1970.</summary>
    public DateTimeOffset Stamp { get; init; } = DateTimeOffset.UnixEpoch;

    /// <param name="root">The source tree; nothing outside of it is ever read.</param>
    /// <param name="context">Folder in it that is sent.</param>
    /// <param name="dockerfile">From the context; may lead out of the context but not out of the tree.</param>
    /// <param name="stamp">See <see cref="Stamp"/>.</param>
    /// <exception cref="ProblemException"><c>build/context-missing</c>, <c>build/context-escape</c>, <c>build/dockerfile-missing</c>, <c>build/dockerignore</c>.</exception>
    public static BuildContext Open(string root, SourcePath context, string dockerfile = "Dockerfile", DateTimeOffset? stamp = null)
    {
        var realRoot = RealPath.Resolve(root) ?? throw Missing(root);
        var folder = Inside(realRoot, Path.Combine(root, context.Value), $"The build context '{context}'") ?? throw Missing(context.Value);
        if (!Directory.Exists(folder))
        {
            throw Missing(context.Value);
        }

        var lexical = Path.GetFullPath(Path.Combine(folder, dockerfile));
        if (Inside(realRoot, lexical, $"The Dockerfile '{dockerfile}'") is not { } real || !File.Exists(real))
        {
            throw new Problem("build/dockerfile-missing", $"There is no Dockerfile '{dockerfile}' in the build context '{context}'.", "Add one, or name it with `build.dockerfile`.").AsException();
        }

        var isForeign = !RealPath.IsWithin(lexical, folder) || !RealPath.IsWithin(real, folder);
        var name = isForeign ? $".dockerfile.{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(real)))[..12]}" : Path.GetRelativePath(folder, lexical);
        return new(folder, name, isForeign ? real : null, ReadIgnore(realRoot, folder, lexical)) { Stamp = stamp ?? DateTimeOffset.UnixEpoch };
    }

    /// <summary>Writes the context as a tar; memory stays the same whatever its size.</summary>
    /// <exception cref="ProblemException"><c>build/context-read</c> for a file that cannot be read or is none.</exception>
    public async Task WriteAsync(Stream target, CancellationToken ct)
    {
        await using var tar = new TarWriter(target, TarEntryFormat.Gnu, leaveOpen: true);
        foreach (var entry in _walk.Entries())
        {
            await WriteAsync(tar, entry, ct);
        }

        if (_foreignDockerfile is not null)
        {
            await WriteAsync(tar, new(Dockerfile, _foreignDockerfile, FileKind.File, IsExecutable: false), ct);
        }
    }

    /// <summary>A digest of what is sent (paths, kinds, execute bits, contents), as lower-case SHA-256: equal digests build equal images.</summary>
    /// <exception cref="ProblemException"><c>build/context-read</c>.</exception>
    public async Task<string> DigestAsync(CancellationToken ct)
    {
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(sum, Dockerfile);
        var foreign = _foreignDockerfile is null ? Enumerable.Empty<ContextEntry>() : [new(Dockerfile, _foreignDockerfile, FileKind.File, IsExecutable: false)];
        foreach (var entry in _walk.Entries().Concat(foreign))
        {
            Append(sum, $"{entry.Kind} {(entry.IsExecutable ? 'x' : '-')} {entry.Path}");
            if (entry.Kind == FileKind.Symlink)
            {
                Append(sum, entry.LinkTarget);
            }
            else if (entry.Kind == FileKind.File)
            {
                await using var content = entry.OpenRead();
                sum.AppendData(await SHA256.HashDataAsync(content, ct));
            }
        }

        return Convert.ToHexStringLower(sum.GetHashAndReset());
    }

    private static void Append(IncrementalHash sum, string text)
    {
        // Its length first, so that no two lists of texts look the same.
        var bytes = Encoding.UTF8.GetBytes(text);
        sum.AppendData(BitConverter.GetBytes(bytes.Length));
        sum.AppendData(bytes);
    }

    private async Task WriteAsync(TarWriter tar, ContextEntry entry, CancellationToken ct)
    {
        var type = entry.Kind switch { FileKind.Folder => TarEntryType.Directory, FileKind.Symlink => TarEntryType.SymbolicLink, _ => TarEntryType.RegularFile };
        var header = new GnuTarEntry(type, entry.Kind == FileKind.Folder ? $"{entry.Path}/" : entry.Path)
        {
            ModificationTime = Stamp,
            AccessTime = Stamp,
            ChangeTime = Stamp,
            Mode = (UnixFileMode)Convert.ToInt32(entry.Kind == FileKind.Folder || entry.IsExecutable ? "755" : "644", 8),
        };
        if (entry.Kind == FileKind.Symlink)
        {
            header.LinkName = entry.LinkTarget;
        }

        await using var content = entry.Kind == FileKind.File ? entry.OpenRead() : null;
        if (content is not null)
        {
            header.DataStream = content;
        }

        await tar.WriteEntryAsync(header, ct);
    }

    private static DockerIgnore ReadIgnore(string root, string folder, string dockerfile)
    {
        var own = Inside(root, $"{dockerfile}.dockerignore", "The Dockerfile's .dockerignore");
        return (own ?? Inside(root, Path.Combine(folder, ".dockerignore"), "The .dockerignore")) is { } file && File.Exists(file) ? DockerIgnore.Parse(File.ReadAllText(file)) : DockerIgnore.None;
    }

    private static string? Inside(string root, string path, string what) => RealPath.Resolve(path) switch
    {
        null => null,
        var real when RealPath.IsWithin(real, root) => real,
        _ => throw new Problem("build/context-escape", $"{what} leads out of the source tree.", "Put a real file or folder in its place; a symlink may not leave the source.").AsException(),
    };

    private static ProblemException Missing(string folder) =>
        new Problem("build/context-missing", $"The build context '{folder}' is not a folder of the source.", "Correct `build.context`.").AsException();
}
