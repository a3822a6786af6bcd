using System.Security.Cryptography;
using System.Text;
using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Compose.Reading;

/// <summary>Binds of a relative path. A server has no folder beside the Compose file: what the source has there is put into the container, and what it has not becomes a volume.</summary>
internal static class RelativeBinds
{
    private const int MaxFiles = 300;
    private const int MaxBytes = 4 << 20;
    private const int Plain = 0x1A4; // 0644 in octal
    private const int Executable = 0x1ED; // 0755 in octal

    /// <summary>Kept in Git so that the folder is there: the folder is meant to be empty.</summary>
    private static readonly string[] Placeholders = [".gitkeep", ".gitignore", ".keep"];

    /// <summary>Endings of files that are read, not written: a volume in their place would be a folder.</summary>
    private static readonly HashSet<string> Endings = ["cfg", "cnf", "conf", "crt", "css", "csv", "env", "htm", "html", "ini", "js", "json", "key", "lua", "pem", "php", "properties", "py", "rb", "sh", "sql", "toml", "ts", "txt", "xml", "yaml", "yml"];

    /// <param name="mount">With a path that is written in the file.</param>
    /// <param name="files">Gets what is put into the container.</param>
    /// <returns>The volume in its place; <see langword="null"/> when there are files, or after a report.</returns>
    public static Mount? Place(Field item, Mount mount, ServiceContext service, List<FileMount> files)
    {
        var (text, source) = (mount.Source!, service.SourceOf(item));
        if (item.Try(() => source.Resolve(text)) is not { } path || !service.IsActive)
        {
            return null;
        }

        var (found, failed) = Find(item, mount, path, source);
        if (failed)
        {
            return null;
        }

        if (found.Count > 0)
        {
            files.AddRange(found);
            return null;
        }

        if (Ending(text) is { } ending && ending == Ending(mount.Target) && Endings.Contains(ending))
        {
            item.Wrong("compose/file-missing", $"{Problem.Quoted(text)} is not in the source", "Add the file to the source: a push brings only what is committed. Or remove the mount.");
            return null;
        }

        var name = service.Top.VolumeOf(path);
        item.Warn("compose/folder-volume", $"{Problem.Quoted(text)} is not in the source: it is kept as the volume \"{name}\", empty at first; look into it with: wherry run {service.Name} -- ls {mount.Target}");
        return mount with { Kind = MountKind.Volume, Source = name };
    }

    private static (List<FileMount> Files, bool Failed) Find(Field item, Mount mount, SourcePath path, SourceReader source)
    {
        var files = new List<FileMount>();
        var target = mount.Target.TrimEnd('/');
        try
        {
            if (source.In(SourceFolder.Root).FindBytes(path.Value) is { } content)
            {
                WarnOfWrites(item, mount, "the file");
                return ([File(target, content)], false);
            }

            var below = source.FilesBelow(path, MaxFiles + 1).Where(f => !Placeholders.Contains(f[(f.LastIndexOf('/') + 1)..])).ToList();
            if (below.Count > MaxFiles)
            {
                throw TooMuch(mount, $"more than {MaxFiles} files");
            }

            foreach (var file in below)
            {
                files.Add(File($"{target}/{(path == SourcePath.Root ? file : file[(path.Value.Length + 1)..])}", source.In(SourceFolder.Root).FindBytes(file) ?? throw NoFile(file)));
            }
        }
        catch (ProblemException e)
        {
            item.Wrong(e.Problem.Code, e.Problem.Message, e.Problem.Hint);
            return ([], true);
        }

        if (files.Sum(f => (long)f.Content.Length) > MaxBytes)
        {
            item.Try<Mount>(() => throw TooMuch(mount, $"more than {MaxBytes >> 20} MB"));
            return ([], true);
        }

        if (files.Count > 0)
        {
            WarnOfWrites(item, mount, "the folder");
        }

        return (files, false);
    }

    private static void WarnOfWrites(Field item, Mount mount, string what)
    {
        if (!mount.ReadOnly)
        {
            item.Warn("compose/folder-copied", $"{what} {Problem.Quoted(mount.Source!)} is put into each new container; what the service writes there goes away with the container (:ro says that it does not write)");
        }
    }

    /// <summary>A script or a program stays executable; the source may come from where nobody keeps that.</summary>
    private static FileMount File(string target, byte[] content) =>
        new(target, content, content is [(byte)'#', (byte)'!', ..] or [0x7F, (byte)'E', (byte)'L', (byte)'F', ..] ? Executable : Plain, Uid: 0, Gid: 0, Secret: false);

    private static string? Ending(string path)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        var dot = name.LastIndexOf('.');
        return dot < 0 ? null : name[(dot + 1)..].ToLowerInvariant();
    }

    private static ProblemException TooMuch(Mount mount, string what) => new Problem(
        "compose/relative-bind",
        $"{Problem.Quoted(mount.Source!)} has {what} in the source; so much is not put into a container",
        "COPY the files into the image; or, if they are data, leave them out of the source and use a named volume.").AsException();

    private static ProblemException NoFile(string path) =>
        new Problem("source/file", $"{Problem.Quoted(path)} is a link that leads to no file", "Put the file itself into the source.").AsException();

    /// <summary>A name for a volume: <c>./db/data</c> is <c>db-data</c>.</summary>
    /// <param name="isTaken">Whether something else has the name.</param>
    public static string VolumeName(SourcePath path, Func<string, bool> isTaken)
    {
        var name = new string([.. path.Value.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' ? c : '-')]).TrimStart('.', '-', '_');
        if (name.Length is > 0 and <= 63 && !isTaken(name))
        {
            return name;
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path.Value)))[..8];
        return $"{(name.Length == 0 ? "source" : name[..Math.Min(name.Length, 54)])}-{hash}";
    }
}
