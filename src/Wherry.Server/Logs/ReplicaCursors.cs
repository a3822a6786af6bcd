using System.Text.Json;
using System.Text.Json.Serialization;

namespace Wherry.Server.Logs;

/// <summary>How far each container's output was taken over into an environment's log. A file beside the log holds it as of an offset; the records behind
/// that offset tell the rest, so that after a crash it is exactly what the log holds. Not thread-safe.</summary>
internal sealed class ReplicaCursors(string folder)
{
    private readonly Dictionary<(string Container, string Stream), Cursor> _cursors = [];

    private string CheckpointFile => Path.Combine(folder, "cursors.json");

    /// <summary>Offset up to which the file knows everything.</summary>
    public long SavedAt { get; private set; }

    public void Load(SegmentLog log, TimeProvider time)
    {
        if (ReadCheckpoint() is { } saved && saved.Offset <= log.End)
        {
            SavedAt = saved.Offset;
            foreach (var cursor in saved.Cursors)
            {
                _cursors[(cursor.Container, cursor.Stream)] = cursor;
            }
        }

        foreach (var record in new SegmentReader(log, null, time).Records(SavedAt))
        {
            Note(record);
        }
    }

    /// <summary>Takes note of a record that is in the log.</summary>
    public void Note(LogRecord record)
    {
        if (record is { Container: { } container, More: false })
        {
            var key = (container, record.Stream);
            var count = _cursors.TryGetValue(key, out var before) && before.At == record.At ? before.Count + 1 : 1;
            _cursors[key] = new Cursor(container, record.Stream, record.At, count);
        }
    }

    public ResumePoint Resume(string container) => new(_cursors.Values.Where(c => c.Container == container));

    /// <summary>Drops what is known of containers that no longer exist.</summary>
    public void Forget(Func<string, bool> isGone)
    {
        foreach (var key in _cursors.Keys.Where(k => isGone(k.Container)).ToList())
        {
            _cursors.Remove(key);
        }
    }

    /// <summary>Writes the file anew.</summary>
    public void Save(long offset)
    {
        var fresh = CheckpointFile + ".new";
        File.WriteAllBytes(fresh, JsonSerializer.SerializeToUtf8Bytes(new Checkpoint(offset, [.. _cursors.Values]), CursorJson.Default.Checkpoint));
        File.Move(fresh, CheckpointFile, overwrite: true);
        SavedAt = offset;
    }

    private Checkpoint? ReadCheckpoint()
    {
        try
        {
            return File.Exists(CheckpointFile) ? JsonSerializer.Deserialize(File.ReadAllBytes(CheckpointFile), CursorJson.Default.Checkpoint) : null;
        }
        catch (JsonException)
        {
            // Half-written before the power went: the log itself knows.
            return null;
        }
    }
}

/// <param name="At">The engine's time of the last line that was taken over.</param>
/// <param name="Count">Lines with exactly that time: the engine's <c>since</c> gives them all again.</param>
internal sealed record Cursor(string Container, string Stream, DateTimeOffset At, int Count);

internal sealed record Checkpoint(long Offset, IReadOnlyList<Cursor> Cursors);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Checkpoint))]
internal sealed partial class CursorJson : JsonSerializerContext;
