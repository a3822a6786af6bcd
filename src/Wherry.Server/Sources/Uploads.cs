using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Wherry.Client;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Server.Environments;

namespace Wherry.Server.Sources;

/// <summary>Folders that were sent to be deployed: <c>builds/uploads/ID/</c> with the tree and a note of whose it is. Known again after a restart.</summary>
internal sealed class Uploads(ServerOptions options, SourceOptions limits, SafeTar tar, TimeProvider time)
{
    private const string TreeName = "tree";
    private const string NoteName = "upload.json";

    private readonly ConcurrentDictionary<string, int> _inUse = new();

    private string Folder => Path.Combine(options.Builds, "uploads");

    /// <summary>Takes a tar stream in.</summary>
    /// <exception cref="ProblemException">What <see cref="SafeTar"/> says.</exception>
    public async Task<Upload> TakeAsync(EnvironmentRef environment, Stream content, CancellationToken ct)
    {
        var id = $"up_{RandomNumberGenerator.GetHexString(24, lowercase: true)}";
        var folder = Path.Combine(Folder, id);
        Directory.CreateDirectory(folder);
        var complete = false;
        try
        {
            var bytes = await tar.ExtractAsync(content, Path.Combine(folder, TreeName), ct);
            var note = new UploadNote(environment.Team.Value, environment.Id, time.GetUtcNow(), bytes);
            await File.WriteAllBytesAsync(Path.Combine(folder, "note.new"), JsonSerializer.SerializeToUtf8Bytes(note, UploadJson.Default.UploadNote), ct);
            File.Move(Path.Combine(folder, "note.new"), Path.Combine(folder, NoteName)); // from here on the upload is there
            complete = true;
            return new Upload(id, bytes);
        }
        finally
        {
            if (!complete)
            {
                TreeFolders.Remove(folder);
            }
        }
    }

    /// <summary>An upload's tree, as often as wanted until it expires. It stays until the last one lets go.</summary>
    /// <exception cref="ProblemException"><c>source/upload-not-found</c>: no such upload, expired, or another environment's. <c>source/path-not-found</c>.</exception>
    public async Task<SourceTree> OpenAsync(EnvironmentRef environment, string id, SourcePath path, CancellationToken ct)
    {
        _inUse.AddOrUpdate(id, 1, (_, n) => n + 1); // before the look, so that it cannot expire in between
        try
        {
            var note = await FindNoteAsync(id, ct);
            if (note is null || note.Team != environment.Team.Value || note.Environment != environment.Id || IsExpired(note))
            {
                throw new Problem("source/upload-not-found", "There is no such upload for this environment, or it has expired.", $"Send it again; an upload can be deployed for {limits.KeepUploads.TotalMinutes:0} minutes.").AsException();
            }

            var root = Path.GetFullPath(Path.Combine(Folder, id, TreeName, path.Value));
            return IsFolder(Path.Combine(Folder, id, TreeName), path)
                ? new SourceTree(root, () => LetGo(id)) { Describe = "upload" }
                : throw new Problem("source/path-not-found", $"There is no folder {path} in the upload.", "Paths are relative to the folder that was sent.").AsException();
        }
        catch
        {
            await LetGo(id);
            throw;
        }
    }

    /// <summary>Removes what has expired and is not in use.</summary>
    public async Task RemoveExpiredAsync(CancellationToken ct)
    {
        foreach (var folder in Directory.Exists(Folder) ? Directory.GetDirectories(Folder) : [])
        {
            var id = Path.GetFileName(folder);
            var note = await FindNoteAsync(id, ct);
            // Without a note it is being sent, or was when an earlier process ended.
            var expired = note is null ? time.GetUtcNow() - Directory.GetLastWriteTimeUtc(folder) > limits.KeepUploads : IsExpired(note);
            if (expired && !_inUse.ContainsKey(id))
            {
                TreeFolders.Remove(folder);
            }
        }
    }

    private bool IsExpired(UploadNote note) => time.GetUtcNow() - note.At > limits.KeepUploads;

    private async Task<UploadNote?> FindNoteAsync(string id, CancellationToken ct)
    {
        var file = Path.Combine(Folder, id, NoteName);
        if (!id.StartsWith("up_", StringComparison.Ordinal) || !id[3..].All(char.IsAsciiHexDigitLower) || !File.Exists(file))
        {
            return null;
        }

        return JsonSerializer.Deserialize(await File.ReadAllBytesAsync(file, ct), UploadJson.Default.UploadNote);
    }

    private ValueTask LetGo(string id)
    {
        while (_inUse.TryGetValue(id, out var count))
        {
            if (count == 1 ? _inUse.TryRemove(KeyValuePair.Create(id, 1)) : _inUse.TryUpdate(id, count - 1, count))
            {
                break;
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>A folder all the way down: a link on the way is not followed.</summary>
    private static bool IsFolder(string root, SourcePath path)
    {
        var at = root;
        foreach (var part in path.Value.Split('/'))
        {
            at = Path.Combine(at, part);
            if (new DirectoryInfo(at) is not { Exists: true, LinkTarget: null })
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>Whose an upload is.</summary>
internal sealed record UploadNote(long Team, long Environment, DateTimeOffset At, long Bytes);

[JsonSerializable(typeof(UploadNote))]
internal sealed partial class UploadJson : JsonSerializerContext;
