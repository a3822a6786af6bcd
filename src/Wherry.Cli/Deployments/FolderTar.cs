using System.Formats.Tar;
using Wherry.Compose;
using Wherry.Core.Problems;
using Wherry.Docker;

namespace Wherry.Cli.Deployments;

/// <summary>A folder as it is uploaded: everything but <c>.git</c>; where a Dockerfile stands alone, also without what <c>.dockerignore</c> excludes.</summary>
/// <remarks>With a Compose file each build has its own <c>.dockerignore</c>, which the server heeds when it builds. Symlinks are sent as symlinks; sockets, pipes and devices are left out.</remarks>
internal sealed class FolderTar
{
    private readonly string _folder;
    private readonly DockerIgnore _ignore;

    private FolderTar(string folder, DockerIgnore ignore) => (_folder, _ignore) = (folder, ignore);

    /// <summary>Files written so far.</summary>
    public int Files { get; private set; }

    public static FolderTar Of(string folder, bool hasComposeFile = false)
    {
        var ignoreFile = Path.Combine(folder, ".dockerignore");
        var isDockerfileAlone = !hasComposeFile && File.Exists(Path.Combine(folder, "Dockerfile")) && !ComposeReader.FileNames.Any(f => File.Exists(Path.Combine(folder, f)));
        return new(folder, isDockerfileAlone && File.Exists(ignoreFile) ? DockerIgnore.Parse(File.ReadAllText(ignoreFile)) : DockerIgnore.None);
    }

    /// <summary>Writes the tar; memory stays the same whatever its size.</summary>
    /// <exception cref="ProblemException"><c>upload/unreadable</c> or <c>upload/file-changed</c>.</exception>
    public async Task WriteAsync(Stream target, CancellationToken ct)
    {
        Files = 0;
        await using var tar = new TarWriter(target, TarEntryFormat.Gnu, leaveOpen: true);
        await WriteFolderAsync(tar, new DirectoryInfo(_folder), "", ct);
    }

    private async Task WriteFolderAsync(TarWriter tar, DirectoryInfo folder, string prefix, CancellationToken ct)
    {
        foreach (var item in Items(folder))
        {
            var path = prefix + item.Name;
            if (item.LinkTarget is { } link)
            {
                if (!IsLeftOut(path))
                {
                    await tar.WriteEntryAsync(Described(new GnuTarEntry(TarEntryType.SymbolicLink, path) { LinkName = link }, item), ct);
                }
            }
            else if (item is DirectoryInfo below)
            {
                await WriteBelowAsync(tar, below, path, ct);
            }
            else if (IsRegular((FileInfo)item) && !IsLeftOut(path))
            {
                await WriteFileAsync(tar, (FileInfo)item, path, ct);
            }
        }
    }

    private async Task WriteBelowAsync(TarWriter tar, DirectoryInfo folder, string path, CancellationToken ct)
    {
        if (folder.Name == ".git" || _ignore.IgnoresAllBelow(path))
        {
            return;
        }

        await tar.WriteEntryAsync(Described(new GnuTarEntry(TarEntryType.Directory, path + "/"), folder), ct);
        await WriteFolderAsync(tar, folder, path + "/", ct);
    }

    private async Task WriteFileAsync(TarWriter tar, FileInfo file, string path, CancellationToken ct)
    {
        FileStream stream;
        try
        {
            stream = file.OpenRead();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, e);
        }

        await using (stream)
        {
            await using var content = new FixedLengthStream(stream, path);
            await tar.WriteEntryAsync(Described(new GnuTarEntry(TarEntryType.RegularFile, path) { DataStream = content }, file), ct);
        }

        Files++;
    }

    // Of a Git worktree or submodule, .git is a file.
    private bool IsLeftOut(string path) => Path.GetFileName(path) == ".git" || (path is not ("Dockerfile" or ".dockerignore") && _ignore.Ignores(path));

    private static bool IsRegular(FileInfo file) => FileStatus.Of(file.FullName).Kind is FileKind.File;

    private IEnumerable<FileSystemInfo> Items(DirectoryInfo folder)
    {
        try
        {
            return [.. folder.GetFileSystemInfos().OrderBy(i => i.Name, StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(Path.GetRelativePath(_folder, folder.FullName), e);
        }
    }

    private static GnuTarEntry Described(GnuTarEntry entry, FileSystemInfo item)
    {
        entry.ModificationTime = item.LastWriteTimeUtc;
        if (item.LinkTarget is null)
        {
            entry.Mode = item.UnixFileMode;
        }

        return entry;
    }

    private static ProblemException Unreadable(string path, Exception e) =>
        new Problem("upload/unreadable", $"{path} cannot be read: {e.Message}", "Make it readable, or leave it out of the folder.").AsException(e);
}
