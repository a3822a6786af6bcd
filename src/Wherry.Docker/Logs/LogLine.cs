using System.Text;

namespace Wherry.Docker;

/// <summary>Which output of a process.</summary>
public enum LogStream
{
    /// <summary>Also everything a process with a terminal prints.</summary>
    Stdout = 1,
    Stderr = 2,
}

/// <summary>One line that a container printed.</summary>
/// <param name="At">When; <see langword="null"/> unless timestamps were asked for.</param>
/// <param name="Bytes">As printed, without the line's end.</param>
public sealed record LogLine(LogStream Stream, DateTimeOffset? At, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>The line as text; bytes that are not UTF-8 show as U+FFFD.</summary>
    public string Text => Encoding.UTF8.GetString(Bytes.Span);
}

/// <summary>Which part of a container's log is wanted.</summary>
public sealed record LogQuery
{
    /// <summary>Go on until the container stops. Default no.</summary>
    public bool Follow { get; init; }

    /// <summary>From this moment on, itself included.</summary>
    public DateTimeOffset? Since { get; init; }

    public DateTimeOffset? Until { get; init; }

    /// <summary>Only the last lines of what is there; <see langword="null"/> is all of it.</summary>
    public int? Tail { get; init; }

    /// <summary>Fill <see cref="LogLine.At"/>. Default yes.</summary>
    public bool Timestamps { get; init; } = true;
}
