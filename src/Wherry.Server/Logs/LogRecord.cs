using System.Text;
using System.Text.Json.Serialization;
using Wherry.Client;

namespace Wherry.Server.Logs;

/// <summary>One line of a segment file: a <see cref="LogLine"/> without its offset, which is its place in the file.</summary>
/// <param name="Service">Service that a replica belongs to; <see langword="null"/> in the log of a deployment.</param>
/// <param name="Container">First 12 digits of the container's id, for going on where the collector stopped.</param>
/// <param name="More">The line was too long; the next record of the same source goes on with it.</param>
internal sealed record LogRecord(DateTimeOffset At, string Source, string Stream, string Text, string? Service = null, string? Container = null, bool More = false)
{
    public LogLine ToLine(long offset) => new(offset, At, Source, Stream, Text);

    /// <summary>This record, or several whose text is at most <see cref="LogOptions.MaxLineBytes"/> long, cut between characters.</summary>
    public IEnumerable<LogRecord> Split()
    {
        var rest = Text;
        while (Encoding.UTF8.GetByteCount(rest) > LogOptions.MaxLineBytes)
        {
            var length = CharsWithin(rest, LogOptions.MaxLineBytes);
            yield return this with { Text = rest[..length], More = true };
            rest = rest[length..];
        }

        yield return ReferenceEquals(rest, Text) ? this : this with { Text = rest };
    }

    private static int CharsWithin(string text, int bytes)
    {
        var chars = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            bytes -= rune.Utf8SequenceLength;
            if (bytes < 0)
            {
                break;
            }

            chars += rune.Utf16SequenceLength;
        }

        return chars;
    }
}

/// <summary>JSON of the segment files. It escapes line breaks, so a record never spans two lines.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(LogRecord))]
internal sealed partial class LogJson : JsonSerializerContext;
