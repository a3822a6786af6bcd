using System.Text;

namespace Wherry.Compose.Reading;

/// <summary>Splits a command into words the way Compose does: quotes and backslashes, but no shell behind them.</summary>
/// <remarks>A backslash outside single quotes escapes the next character; <c>\n</c> and <c>\t</c> are newline and tab. Backquotes and <c>$(…)</c> stay as text.</remarks>
internal sealed class ShellWords
{
    private readonly List<string> _words = [];
    private readonly StringBuilder _word = new();
    private bool _inWord;

    /// <summary>What ends the quotation that we are in; <c>\0</c> outside of one.</summary>
    private char _until;

    private ShellWords()
    {
    }

    /// <exception cref="FormatException">A quote is open, or the text needs a shell.</exception>
    public static List<string> Split(string text)
    {
        var words = new ShellWords();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && words._until is not '\'')
            {
                words.Escape(++i < text.Length ? text[i] : throw new FormatException("ends in a backslash"));
                continue;
            }

            words.Take(text[i]);
        }

        if (words._until != '\0')
        {
            throw new FormatException($"the closing {words._until} is missing");
        }

        words.EndWord();
        return words._words;
    }

    private void Escape(char c)
    {
        if (_until is '`' or ')')
        {
            Append('\\');
            Append(c);
        }
        else if (c != '\n')
        {
            Append(c switch { 'n' => '\n', 't' => '\t', _ => c });
        }
    }

    private void Take(char c)
    {
        if (_until != '\0')
        {
            TakeQuoted(c);
            return;
        }

        switch (c)
        {
            case ' ' or '\t' or '\r' or '\n':
                EndWord();
                break;
            case '"' or '\'':
                (_until, _inWord) = (c, true);
                break;
            case '`':
                _until = '`';
                Append(c);
                break;
            case '(' when _word is [.., '$']:
                _until = ')';
                Append(c);
                break;
            case '(' or ')' or ';' or '&' or '|' or '<' or '>':
                throw new FormatException($"{c} needs a shell, and a command is run without one");
            default:
                Append(c);
                break;
        }
    }

    private void TakeQuoted(char c)
    {
        var ends = c == _until;
        if (!ends || c is '`' or ')')
        {
            Append(c);
        }

        _until = ends ? '\0' : _until;
    }

    private void Append(char c)
    {
        _word.Append(c);
        _inWord = true;
    }

    private void EndWord()
    {
        if (_inWord)
        {
            _words.Add(_word.ToString());
        }

        _word.Clear();
        _inWord = false;
    }
}
