using Wherry.Docker;

namespace Wherry.Server.Logs;

/// <summary>The log of an environment's replicas while their output is collected. Thread-safe.</summary>
internal sealed class ReplicaLog : IDisposable
{
    private readonly Lock _lock = new();
    private readonly LogLease _lease;
    private readonly ReplicaCursors _cursors;
    private readonly long _saveEvery;

    public ReplicaLog(LogLease lease, string folder, LogOptions options, TimeProvider time)
    {
        _lease = lease;
        _saveEvery = options.MaxSegmentBytes;
        _cursors = new ReplicaCursors(folder);
        _cursors.Load(lease.Log, time);
    }

    /// <summary>Containers that are being followed.</summary>
    public int Followers { get; set; }

    /// <summary>The environment was removed; a new one of its name gets a new log.</summary>
    public bool IsRemoved => _lease.Log.IsComplete;

    public ResumePoint Resume(string container)
    {
        lock (_lock)
        {
            return _cursors.Resume(container);
        }
    }

    /// <exception cref="IOException">The disk is full; nothing was appended.</exception>
    public void Append(LogRecord record)
    {
        lock (_lock)
        {
            _lease.Log.Append(record);
            _cursors.Note(record);
            if (_lease.Log.End - _cursors.SavedAt >= _saveEvery)
            {
                Save();
            }
        }
    }

    public void Forget(Func<string, bool> isGone)
    {
        lock (_lock)
        {
            _cursors.Forget(isGone);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            Save();
        }

        _lease.Dispose();
    }

    private void Save()
    {
        // A log without a line has no folder yet.
        if (IsRemoved || _lease.Log.Segments.IsEmpty)
        {
            return;
        }

        try
        {
            _cursors.Save(_lease.Log.End);
        }
        catch (IOException)
        {
            // The disk is full. The file only saves time: what is behind its offset is read from the log.
        }
    }
}

/// <summary>A container whose output is collected.</summary>
internal sealed record CollectedContainer(string Id, string Project, string Environment, string Service, string Replica)
{
    /// <summary>As it stands in the log.</summary>
    public string ShortId => Id[..12];

    /// <summary>What its lines are signed with, for instance <c>web-1</c>.</summary>
    public string Source => $"{Service}-{Replica}";

    /// <summary><see langword="null"/> for a container that is not a replica.</summary>
    public static CollectedContainer? Of(string id, IReadOnlyDictionary<string, string> labels) =>
        labels.TryGetValue(Labels.Project, out var project) && labels.TryGetValue(Labels.Environment, out var environment)
            && labels.TryGetValue(Labels.Service, out var service) && labels.TryGetValue(Labels.Replica, out var replica) && !labels.ContainsKey(Labels.OneOff)
            ? new(id, project, environment, service, replica)
            : null;

    public LogRecord Record(LogStream stream, DateTimeOffset at, string text) => new(at, Source, Name(stream), text, Service, ShortId);

    public static string Name(LogStream stream) => stream == LogStream.Stderr ? "stderr" : "stdout";
}
