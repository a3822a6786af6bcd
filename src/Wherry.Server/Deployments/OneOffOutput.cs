using Wherry.Docker;

namespace Wherry.Server.Deployments;

/// <summary>What came of a container's output while it ran. When a container ends, an engine may end the stream before it has sent all that was printed; the rest is asked for afterwards.</summary>
internal sealed class OneOffOutput
{
    private readonly Dictionary<LogStream, (DateTimeOffset At, int Count)> _last = [];

    /// <summary>From when on the output is asked for again; <see langword="null"/>: all of it.</summary>
    public DateTimeOffset? Last => _last.Count == 0 ? null : _last.Values.Min(l => l.At);

    /// <summary>Takes a note of a line that came.</summary>
    public LogLine Take(LogLine line)
    {
        var at = line.At ?? default;
        _last[line.Stream] = (at, _last.GetValueOrDefault(line.Stream) is var last && last.At == at ? last.Count + 1 : 1);
        return line;
    }

    /// <summary>Whether a line that comes the second time had not come before. Lines of one stream come in order; several may have one time.</summary>
    public bool IsMissing(LogLine line)
    {
        if (!_last.TryGetValue(line.Stream, out var last) || line.At > last.At)
        {
            return true;
        }

        if (line.At == last.At)
        {
            if (last.Count == 0)
            {
                return true;
            }

            _last[line.Stream] = last with { Count = last.Count - 1 };
        }

        return false;
    }
}
