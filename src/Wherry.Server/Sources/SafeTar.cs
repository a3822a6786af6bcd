using System.Formats.Tar;
using Wherry.Core.Problems;

namespace Wherry.Server.Sources;

/// <summary>Unpacks a tar stream into a new folder, or nothing at all. Nothing in it can lead out of that folder.</summary>
/// <remarks>Of a file's mode only "executable" is kept; owners and times are not.</remarks>
internal sealed class SafeTar(SourceOptions options)
{
    private const UnixFileMode Plain = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Executable = Plain | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <param name="tar">The archive; it is not read past its end.</param>
    /// <param name="root">Folder to make. Its parent exists.</param>
    /// <param name="ct">Removes what was unpacked so far.</param>
    /// <returns>Bytes in all files.</returns>
    /// <exception cref="ProblemException"><c>source/unsafe-path</c>, <c>source/unsafe-entry</c>, <c>source/too-large</c>, <c>source/not-a-tar</c> or <c>source/empty</c>.</exception>
    public async Task<long> ExtractAsync(Stream tar, string root, CancellationToken ct)
    {
        var complete = false;
        try
        {
            MakeFolder(root);
            var bytes = await new Extraction(options, root).RunAsync(tar, ct);
            complete = true;
            return bytes;
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or OverflowException or InvalidOperationException or EndOfStreamException)
        {
            throw new Problem("source/not-a-tar", $"What was sent is not a whole tar archive: {e.Message}", "Send a plain or gzip-compressed tar of the folder, for instance with `wherry deploy`.").AsException(e);
        }
        catch (PathTooLongException e)
        {
            throw new Problem("source/unsafe-path", "The source holds a path that is too long for this system.", "Shorten the names of its folders.").AsException(e);
        }
        finally
        {
            if (!complete)
            {
                TreeFolders.Remove(root);
            }
        }
    }

    private static void MakeFolder(string folder)
    {
        Directory.CreateDirectory(folder);
        File.SetUnixFileMode(folder, Executable); // whatever the process's umask is
    }

    private sealed class Extraction(SourceOptions options, string root)
    {
        private readonly TarPaths _paths = new();
        private long _bytes;
        private int _files;

        public async Task<long> RunAsync(Stream tar, CancellationToken ct)
        {
            await using var small = new SmallReads(tar);
            await using var reader = new TarReader(small, leaveOpen: true);
            while (await NextAsync(reader, small, ct) is { } entry)
            {
                if (entry.EntryType is TarEntryType.GlobalExtendedAttributes)
                {
                    continue;
                }

                Count(entry.Length);
                await TakeAsync(entry, _paths.Check(entry.Name), ct);
            }

            _paths.CheckLinks();
            return _files > 0 ? _bytes : throw new Problem("source/empty", "The source has no files.", "Commit or send the folder with the Compose file or Dockerfile in it.").AsException();
        }

        /// <summary>An archive without entries may be without bytes too.</summary>
        private static async Task<TarEntry?> NextAsync(TarReader reader, SmallReads tar, CancellationToken ct)
        {
            try
            {
                return await reader.GetNextEntryAsync(copyData: false, ct);
            }
            catch (EndOfStreamException) when (!tar.Any)
            {
                return null;
            }
        }

        private async Task TakeAsync(TarEntry entry, string path, CancellationToken ct)
        {
            var target = Path.Combine(root, path);
            switch (entry.EntryType)
            {
                case TarEntryType.Directory:
                    MakeFolders(path);
                    break;
                case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                    Clear(path);
                    await WriteAsync(entry.DataStream ?? Stream.Null, target, IsExecutable(entry.Mode), ct);
                    break;
                case TarEntryType.SymbolicLink:
                    Clear(path);
                    _paths.AddLink(path, entry.LinkName);
                    File.CreateSymbolicLink(target, entry.LinkName);
                    break;
                case TarEntryType.HardLink:
                    await CopyAsync(_paths.Check(entry.LinkName), path, ct);
                    break;
                default:
                    throw new Problem("source/unsafe-entry", $"The source holds {Problem.Quoted(entry.Name)}, which is neither file, folder nor link ({entry.EntryType}).", "Leave devices, sockets and pipes out of the source.").AsException();
            }
        }

        /// <summary>A second name for a file becomes a second file: its content counts again.</summary>
        private async Task CopyAsync(string from, string path, CancellationToken ct)
        {
            var source = new FileInfo(Path.Combine(root, from));
            if (from == path || !source.Exists || _paths.IsLink(from))
            {
                throw TarPaths.Unsafe(path, $"is a hard link to {Problem.Quoted(from)}, which is not a file before it");
            }

            Count(source.Length);
            Clear(path);
            await using var content = source.OpenRead();
            await WriteAsync(content, Path.Combine(root, path), IsExecutable(source.UnixFileMode), ct);
        }

        private static async Task WriteAsync(Stream content, string target, bool executable, CancellationToken ct)
        {
            await using var file = new FileStream(target, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0, Options = FileOptions.Asynchronous });
            await content.CopyToAsync(file, ct);
            File.SetUnixFileMode(file.SafeFileHandle, executable ? Executable : Plain);
        }

        private void Count(long bytes)
        {
            _bytes += bytes;
            if (++_files > options.MaxFiles || _bytes > options.MaxBytes.Bytes)
            {
                throw new Problem("source/too-large", $"The source is larger than {options.MaxBytes} or has more than {options.MaxFiles} files.", "Leave out what the build does not need: dependencies, build output, data. `.dockerignore` and `.gitignore` are heeded.").AsException();
            }
        }

        /// <summary>Makes room for an entry: a later one of the same name replaces the earlier.</summary>
        private void Clear(string path)
        {
            if (path.Length == 0)
            {
                throw TarPaths.Unsafe(".", "is not a folder");
            }

            var target = Path.Combine(root, path);
            if (_paths.ForgetLink(path) || File.Exists(target))
            {
                File.Delete(target);
            }
            else if (Directory.Exists(target))
            {
                throw TarPaths.Unsafe(path, "is a folder and a file at once");
            }

            MakeFolders(Path.GetDirectoryName(path) ?? "");
        }

        private void MakeFolders(string path)
        {
            var folder = root;
            foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                folder = Path.Combine(folder, part);
                if (_paths.IsLink(Path.GetRelativePath(root, folder)) || File.Exists(folder))
                {
                    throw TarPaths.Unsafe(path, "is a folder and something else at once");
                }

                if (!Directory.Exists(folder))
                {
                    MakeFolder(folder);
                }
            }
        }

        private static bool IsExecutable(UnixFileMode mode) => mode.HasFlag(UnixFileMode.UserExecute);
    }
}
