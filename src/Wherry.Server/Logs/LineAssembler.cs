using System.Text;

namespace Wherry.Server.Logs;

/// <summary>Makes lines of UTF-8 bytes that come in pieces of any size. Not thread-safe.</summary>
/// <param name="take">Gets each line without its line break.</param>
public sealed class LineAssembler(Action<string> take) : IDisposable
{
    /// <summary>A line without an end is passed on at this length, so that memory stays bounded.</summary>
    private const int MaxChars = 256 << 10;

    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly StringBuilder _line = new();

    public void Write(ReadOnlySpan<byte> bytes)
    {
        Span<char> chars = stackalloc char[1024];
        while (!bytes.IsEmpty)
        {
            _decoder.Convert(bytes, chars, flush: false, out var used, out var count, out _);
            bytes = bytes[used..];
            Take(chars[..count]);
        }
    }

    /// <summary>Passes on a last line that has no line break.</summary>
    public void Dispose()
    {
        Span<char> rest = stackalloc char[4];
        _decoder.Convert([], rest, flush: true, out _, out var count, out _);
        Take(rest[..count]);
        if (_line.Length > 0)
        {
            Pass();
        }
    }

    private void Take(ReadOnlySpan<char> chars)
    {
        for (int end; (end = chars.IndexOf('\n')) >= 0; chars = chars[(end + 1)..])
        {
            _line.Append(chars[..end]);
            Pass();
        }

        _line.Append(chars);
        if (_line.Length > MaxChars)
        {
            Pass();
        }
    }

    private void Pass()
    {
        if (_line.Length > 0 && _line[^1] == '\r')
        {
            _line.Length--;
        }

        take(_line.ToString());
        _line.Clear();
    }
}
