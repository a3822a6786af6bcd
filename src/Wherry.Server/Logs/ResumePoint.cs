namespace Wherry.Server.Logs;

/// <summary>Where to go on with one container's output, and which of the lines that come then were taken over before. For one run over the output.</summary>
internal sealed class ResumePoint
{
    /// <summary>A long line gets the time of its first part but ends later; the other stream may have gone on in between.</summary>
    private static readonly TimeSpan LookBack = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, Cursor> _streams;

    public ResumePoint(IEnumerable<Cursor> cursors) => _streams = cursors.ToDictionary(c => c.Stream);

    /// <summary>What to ask the engine for; <see langword="null"/>: all there is.</summary>
    public DateTimeOffset? Since => _streams.Count == 0 ? null : _streams.Values.Max(c => c.At) - LookBack;

    /// <summary>Whether the next line of the output is one that is not yet in the log.</summary>
    public bool IsNew(string stream, DateTimeOffset at)
    {
        if (!_streams.TryGetValue(stream, out var cursor) || at > cursor.At)
        {
            _streams.Remove(stream);
            return true;
        }

        if (at == cursor.At)
        {
            _streams.Remove(stream);
            if (cursor.Count > 1)
            {
                _streams[stream] = cursor with { Count = cursor.Count - 1 };
            }
        }

        return false;
    }
}
