using System.Formats.Tar;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Docker;

namespace Wherry.Server.Deployments;

/// <summary>Takes files out of a release's image and puts them where the edge serves them from. Nothing in an image can lead out of that folder, and links are left out.</summary>
internal sealed partial class SiteFiles(Engine engine, ContainerSpecs specs, ServerOptions options)
{
    private const int MostFiles = 100_000;
    private const long MostBytes = 2L << 30;

    /// <summary>The release that serves, and the one before.</summary>
    private const int Kept = 2;

    private string Root => Path.Combine(options.Home, "edge", "files");

    /// <summary>Makes the files of a service ready. Those of an image that were taken out once are not taken out again.</summary>
    /// <returns>The edge's name for them; <see langword="null"/> when the service has none.</returns>
    /// <exception cref="ProblemException"><c>release/files-missing</c>, <c>release/files-not-kept</c>, <c>release/files-too-large</c>.</exception>
    public async Task<string?> TakeOutAsync(DeploymentRun run, Release release, ServiceSpec spec, CancellationToken ct)
    {
        if (spec is not { Rules.Files: { } rule, Image: { } image })
        {
            return null;
        }

        var key = EdgeClient.Key(run.Environment, spec.Name);
        var name = $"{key}/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{image.Value}\n{rule.From}")))[..32]}";
        var folder = Path.Combine(Root, name);
        if (!Directory.Exists(folder))
        {
            await TakeOutAsync(specs.Unstarted(run.Environment, release, spec, "files", run.State.Id), rule.From, folder, ct);
            await run.Log.WriteAsync(spec.Name.Value, "wherry", $"{rule.From} of the image is served by the edge");
        }

        Directory.SetLastWriteTimeUtc(folder, DateTime.UnixEpoch.AddSeconds(release.Number)); // the order in which they are given up
        return name;
    }

    /// <summary>Gives up what no release needs that serves or served last.</summary>
    public void Prune(string key, string? serving)
    {
        var own = new DirectoryInfo(Path.Combine(Root, key));
        if (!own.Exists)
        {
            return;
        }

        foreach (var old in serving is null ? [own] : own.EnumerateDirectories().Where(d => d.FullName != Path.Combine(Root, serving)).OrderByDescending(d => d.LastWriteTimeUtc).Skip(Kept - 1))
        {
            old.Delete(recursive: true);
        }
    }

    private async Task TakeOutAsync(ContainerSpec container, string from, string folder, CancellationToken ct)
    {
        var next = $"{folder}.next";
        if (Directory.Exists(next))
        {
            Directory.Delete(next, recursive: true);
        }

        if (await engine.Containers.FindAsync(container.Name, ct) is { } left)
        {
            await engine.Containers.RemoveAsync(left.Id, null, removeAnonymousVolumes: true, ct);
        }

        Directory.CreateDirectory(next);
        var id = await engine.Containers.CreateAsync(container, CancellationToken.None); // the engine would finish it anyway, and nobody would know its id
        try
        {
            await using var tar = await engine.Containers.GetArchiveAsync(id, from, ct);
            await UnpackAsync(tar, next, from, ct);
            Flush(next); // a name that is on the disk says that the files are too
            Directory.Move(next, folder);
        }
        catch (ProblemException e) when (e.Problem.Code == "docker/not-found")
        {
            throw new Problem("release/files-missing", $"{from} is not in the image.", "Name the folder that the build writes to, as it stands in the image: x-wherry.files.").AsException(e);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new Problem("release/files-not-kept", $"{from} could not be taken out of the image: {e.Message}", "Check the disk (`wherry doctor`) and deploy again.").AsException(e);
        }
        finally
        {
            await engine.Containers.RemoveAsync(id, null, removeAnonymousVolumes: true, CancellationToken.None); // also when cancelled: it must not stay
            if (Directory.Exists(next))
            {
                Directory.Delete(next, recursive: true);
            }
        }
    }

    private static async Task UnpackAsync(Stream tar, string folder, string from, CancellationToken ct)
    {
        var (files, bytes) = (0, 0L);
        await using var reader = new TarReader(tar, leaveOpen: true);
        while (await reader.GetNextEntryAsync(copyData: false, ct) is { } entry)
        {
            // All entries lie below the folder that was asked for, under its own name.
            var parts = entry.Name.Split('/', StringSplitOptions.RemoveEmptyEntries).Skip(1).ToArray();
            if (parts.Length == 0 || parts.Any(p => p is "." or "..") || entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile))
            {
                continue;
            }

            bytes += entry.Length;
            if (++files > MostFiles || bytes > MostBytes)
            {
                throw new Problem("release/files-too-large", $"{from} holds more than {MostFiles} files or {MostBytes >> 30} GB.", "Name a folder with only what visitors get, or let the service serve it.").AsException();
            }

            var target = Path.Combine([folder, .. parts]);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            await using var file = new FileStream(target, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Options = FileOptions.Asynchronous });
            await (entry.DataStream ?? Stream.Null).CopyToAsync(file, ct);
        }

        if (files == 0)
        {
            throw new Problem("release/files-missing", $"{from} holds no file.", "Name the folder that the build writes to, as it stands in the image: x-wherry.files.").AsException();
        }
    }

    /// <summary>The file system that the folder is on. One by one the files of a large site would take minutes.</summary>
    private static void Flush(string folder)
    {
        using var file = File.OpenHandle(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).First());
        if (SyncFileSystem(file) != 0)
        {
            throw new IOException($"{folder} cannot be flushed to the disk.");
        }
    }

    [LibraryImport("libc", EntryPoint = "syncfs")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SyncFileSystem(SafeFileHandle file);
}
