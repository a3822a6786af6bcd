using System.Buffers;
using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Wherry.Server.Metrics;

namespace Wherry.Server.Logs;

/// <summary>An append-only log in a folder: files named by the offset of their first byte, one JSON line per record, an offset being a position in the
/// concatenation of all files there ever were. One writer object per folder; any number of readers, which hold a file open only while they read it.</summary>
internal sealed class SegmentLog : IDisposable
{
    private const string CompleteFile = "complete";

    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly Lock _lock = new();
    private readonly string _folder;
    private readonly LogOptions _options;
    private readonly ArrayBufferWriter<byte> _buffer = new(4096);
    private ImmutableArray<long> _segments;
    private SafeFileHandle? _active;
    private long _end;
    private bool _complete;
    private TaskCompletionSource? _changed;

    private SegmentLog(string folder, LogOptions options)
    {
        _folder = folder;
        _options = options;
        (_segments, _end) = SegmentRecovery.Recover(folder);
        _complete = File.Exists(Path.Combine(folder, CompleteFile));
    }

    /// <summary>Opens the log, cutting off what a crash left half-written. Nothing is made on the disk before the first append.</summary>
    public static SegmentLog Open(string folder, LogOptions options) => new(folder, options);

    /// <summary>Offset of the next record.</summary>
    public long End => Volatile.Read(ref _end);

    /// <summary>Nothing will be appended any more; followers end.</summary>
    public bool IsComplete => Volatile.Read(ref _complete);

    /// <summary>First offsets of the files that are kept, ascending.</summary>
    public ImmutableArray<long> Segments
    {
        get
        {
            lock (_lock)
            {
                return _segments;
            }
        }
    }

    public string FileOf(long segment) => SegmentFile.Path(_folder, segment);

    /// <summary>Appends the records in one write: after a crash each is there as a whole or not at all. Dropped when the log is complete.</summary>
    /// <exception cref="IOException">The disk is full or broken; nothing was appended.</exception>
    public void Append(params ReadOnlySpan<LogRecord> records)
    {
        lock (_lock)
        {
            if (_complete)
            {
                return;
            }

            _buffer.ResetWrittenCount();
            using (var json = new Utf8JsonWriter(_buffer, Json))
            {
                foreach (var record in records)
                {
                    foreach (var part in record.Split())
                    {
                        JsonSerializer.Serialize(json, part, LogJson.Default.LogRecord);
                        json.Flush();
                        json.Reset();
                        _buffer.Write("\n"u8);
                    }
                }
            }

            Write(_buffer.WrittenSpan);
            Trim();
            Signal();
        }
    }

    /// <summary>Marks the log as finished, for good. Idempotent.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            Close();
            Directory.CreateDirectory(_folder);
            File.WriteAllBytes(Path.Combine(_folder, CompleteFile), []);
        }
    }

    /// <summary>Ends the readers and drops what is still appended, leaving no mark: the log is about to be deleted.</summary>
    public void Close()
    {
        lock (_lock)
        {
            Volatile.Write(ref _complete, true);
            CloseActive();
            Signal();
        }
    }

    /// <summary>Waits until there is something at <paramref name="offset"/> or the log is complete.</summary>
    public Task ChangedAsync(long offset, CancellationToken ct)
    {
        lock (_lock)
        {
            if (_end != offset || _complete)
            {
                return Task.CompletedTask;
            }

            _changed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _changed.Task.WaitAsync(ct);
        }
    }

    /// <summary>Deletes files that were last written before <paramref name="oldest"/>; the newest file stays.</summary>
    public void DropBefore(DateTimeOffset oldest)
    {
        lock (_lock)
        {
            while (_segments.Length > 1 && File.GetLastWriteTimeUtc(FileOf(_segments[0])) < oldest.UtcDateTime)
            {
                DropFirst();
            }
        }
    }

    /// <summary>Lets go of the file; readers may go on.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            CloseActive();
        }
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        ServerMeter.LogBytes.Add(bytes.Length);
        var first = _segments.IsEmpty;
        if (first || _end - _segments[^1] >= _options.MaxSegmentBytes)
        {
            CloseActive();
            Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            _active = SegmentFile.OpenToWrite(FileOf(_end));
            _segments = _segments.Add(_end);
        }

        _active ??= SegmentFile.OpenToWrite(FileOf(_segments[^1]));
        var at = _end - _segments[^1];
        try
        {
            RandomAccess.Write(_active, bytes, at);
        }
        catch (IOException)
        {
            RandomAccess.SetLength(_active, at);
            throw;
        }

        Volatile.Write(ref _end, _end + bytes.Length);
        if (_buffer.Capacity > 256 << 10)
        {
            _buffer.Clear();
        }
    }

    private void Trim()
    {
        while (_segments.Length > 1 && _end - _segments[0] > _options.MaxBytes)
        {
            DropFirst();
        }
    }

    private void DropFirst()
    {
        File.Delete(FileOf(_segments[0]));
        _segments = _segments.RemoveAt(0);
    }

    private void CloseActive()
    {
        _active?.Dispose();
        _active = null;
    }

    private void Signal()
    {
        _changed?.SetResult();
        _changed = null;
    }
}
