using System.Text;

namespace Wherry.Compose.Interpolation;

/// <summary>A position in a file of variables, and the steps over its grammar.</summary>
internal sealed class EnvCursor(string text)
{
    private int _position;

    /// <summary>The current line; starts at 1.</summary>
    public int Line { get; private set; } = 1;

    /// <summary>Over blank lines, comments and <c>export</c>; <see langword="false"/> at the end.</summary>
    public bool SkipToStatement()
    {
        while (_position < text.Length)
        {
            if (text[_position] == '#')
            {
                SkipLine();
            }
            else if (char.IsWhiteSpace(text[_position]))
            {
                Advance();
            }
            else
            {
                break;
            }
        }

        var rest = text.AsSpan(_position);
        if (rest.StartsWith("export", StringComparison.Ordinal) && rest.Length > 6 && rest[6] is ' ' or '\t')
        {
            _position += 6;
            SkipBlanks();
        }

        return _position < text.Length;
    }

    /// <summary>The name here, or the empty string.</summary>
    public string TakeName()
    {
        var start = _position;
        while (_position < text.Length && (char.IsLetterOrDigit(text[_position]) || text[_position] is '_' or '.' or '-' or '[' or ']'))
        {
            _position++;
        }

        return text[start.._position];
    }

    /// <summary>Over <c>=</c> or <c>:</c>. <paramref name="hasValue"/> is <see langword="false"/> when the line holds a name alone.</summary>
    public bool TakeSeparator(out bool hasValue)
    {
        SkipBlanks();
        hasValue = _position < text.Length && text[_position] is '=' or ':';
        if (hasValue)
        {
            _position++;
            return true;
        }

        return _position == text.Length || text[_position] is '\n' or '#';
    }

    /// <summary>The value here and its quote, <c>\0</c> when it has none. Escaped quotes are resolved, other escapes are kept.</summary>
    /// <exception cref="FormatException">A quote is not closed, or something follows it.</exception>
    public (string Text, char Quote) TakeValue()
    {
        var start = _position;
        SkipBlanks();
        if (_position < text.Length && text[_position] is '"' or '\'')
        {
            return TakeQuoted(text[_position]);
        }

        var end = text.IndexOf('\n', _position);
        var line = text[start..(end < 0 ? text.Length : end)];
        _position = end < 0 ? text.Length : end;
        for (var i = 1; i < line.Length; i++)
        {
            if (line[i] == '#' && line[i - 1] is ' ' or '\t')
            {
                line = line[..i];
            }
        }

        return (line.Trim(), '\0');
    }

    public void SkipLine()
    {
        var end = text.IndexOf('\n', _position);
        _position = end < 0 ? text.Length : end;
    }

    private (string Text, char Quote) TakeQuoted(char quote)
    {
        var opened = Line;
        var value = new StringBuilder();
        Advance();
        while (_position < text.Length && text[_position] != quote)
        {
            if (text[_position] == '\\' && _position + 1 < text.Length)
            {
                value.Append(text[_position + 1] == '\'' && quote == '\'' ? "" : "\\");
                Advance();
            }

            value.Append(text[_position]);
            Advance();
        }

        if (_position >= text.Length)
        {
            throw new FormatException($"the quote opened on line {opened} is not closed");
        }

        _position++;
        SkipBlanks();
        if (_position < text.Length && text[_position] is not ('\n' or '#'))
        {
            SkipLine();
            throw new FormatException("something follows the closing quote");
        }

        return (value.ToString(), quote);
    }

    private void SkipBlanks()
    {
        while (_position < text.Length && text[_position] is ' ' or '\t')
        {
            _position++;
        }
    }

    private void Advance()
    {
        Line += text[_position] == '\n' ? 1 : 0;
        _position++;
    }
}
