using System.Globalization;
using System.Text;
using Wherry.Compose.Yaml;
using Wherry.Core.Problems;

namespace Wherry.Compose.Importing.Dokploy;

/// <summary>TOML as a tree, as far as templates use it: tables, lists of tables, strings of all four kinds, numbers, booleans, lists and inline tables.</summary>
internal sealed class TomlTree(string text, string fileName)
{
    private const int MaxDepth = 32;

    private readonly string _text = text.ReplaceLineEndings("\n");
    private int _at;

    /// <exception cref="ProblemException"><c>import/toml</c>.</exception>
    public static YamlMap Parse(string text, string fileName) => new TomlTree(text, fileName).ReadAll();

    private YamlMap ReadAll()
    {
        var root = new Table();
        var current = root;
        while (SkipToContent())
        {
            if (_text[_at] == '[')
            {
                current = ReadHeader(root);
            }
            else
            {
                ReadPair(current, 0);
            }

            EndLine();
        }

        return root.ToMap();
    }

    private Table ReadHeader(Table root)
    {
        var isList = _text.AsSpan(_at).StartsWith("[[", StringComparison.Ordinal);
        _at += isList ? 2 : 1;
        var keys = ReadKeys();
        Expect(isList ? "]]" : "]");
        var table = root;
        for (var i = 0; i < keys.Count; i++)
        {
            table = table.Below(keys[i], addToList: isList && i == keys.Count - 1) ?? throw Wrong($"{Problem.Quoted(keys[i])} is a value already");
        }

        return table;
    }

    private void ReadPair(Table table, int depth)
    {
        var keys = ReadKeys();
        Expect("=");
        foreach (var key in keys.SkipLast(1))
        {
            table = table.Below(key, addToList: false) ?? throw Wrong($"{Problem.Quoted(key)} is a value already");
        }

        SkipSpaces();
        if (!table.TryAdd(keys[^1], ReadValue(depth)))
        {
            throw Wrong($"{Problem.Quoted(keys[^1])} stands twice");
        }
    }

    private List<string> ReadKeys()
    {
        var keys = new List<string>();
        do
        {
            SkipSpaces();
            keys.Add(Peek() is '"' or '\'' ? ReadString() : ReadWhile(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'));
            if (keys[^1].Length == 0)
            {
                throw Wrong("a key is missing");
            }

            SkipSpaces();
        }
        while (Take('.'));
        return keys;
    }

    private YamlNode ReadValue(int depth)
    {
        if (depth > MaxDepth)
        {
            throw Wrong($"lists nest deeper than {MaxDepth} levels");
        }

        switch (Peek())
        {
            case '"' or '\'':
                return TreeEdit.Text(ReadString());
            case '[':
                return ReadList(depth);
            case '{':
                return ReadInline(depth);
            default:
                var plain = ReadWhile(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '+' or '.' or ':');
                return plain.Length > 0 ? TreeEdit.Plain(plain) : throw Wrong("a value is missing");
        }
    }

    private YamlList ReadList(int depth)
    {
        _at++;
        var items = new List<YamlNode>();
        while (SkipToContent() && Peek() != ']')
        {
            items.Add(ReadValue(depth + 1));
            SkipToContent();
            if (!Take(',') && Peek() != ']')
            {
                throw Wrong("a comma or ] is missing");
            }
        }

        Expect("]");
        return TreeEdit.List(items);
    }

    private YamlMap ReadInline(int depth)
    {
        _at++;
        var table = new Table();
        SkipSpaces();
        while (Peek() != '}')
        {
            ReadPair(table, depth + 1);
            SkipSpaces();
            if (!Take(',') && Peek() != '}')
            {
                throw Wrong("a comma or } is missing");
            }

            SkipSpaces();
        }

        _at++;
        return table.ToMap();
    }

    private string ReadString()
    {
        var quote = _text[_at];
        var isLong = _text.AsSpan(_at).StartsWith(new string(quote, 3), StringComparison.Ordinal);
        _at += isLong ? 3 : 1;
        if (isLong && Peek() == '\n')
        {
            _at++;
        }

        var value = new StringBuilder();
        while (_at < _text.Length && (isLong || _text[_at] != '\n'))
        {
            if (_text[_at] == quote && (!isLong || _text.AsSpan(_at).StartsWith(new string(quote, 3), StringComparison.Ordinal)))
            {
                _at += isLong ? 3 : 1;
                return value.ToString();
            }

            if (_text[_at] == '\\' && quote == '"')
            {
                value.Append(ReadEscape());
            }
            else
            {
                value.Append(_text[_at++]);
            }
        }

        throw Wrong($"the closing {quote} is missing");
    }

    private string ReadEscape()
    {
        _at++;
        var c = _at < _text.Length ? _text[_at++] : throw Wrong("the file ends in a backslash");
        if (c is 'u' or 'U')
        {
            var length = c == 'u' ? 4 : 8;
            var isCode = int.TryParse(_text.AsSpan(_at, Math.Min(length, _text.Length - _at)), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) && Rune.IsValid(code);
            _at = Math.Min(_at + length, _text.Length);
            return isCode ? new Rune(code).ToString() : throw Wrong("an escaped character is none");
        }

        if (char.IsWhiteSpace(c))
        {
            ReadWhile(char.IsWhiteSpace); // a backslash at the end of a line joins it with the next
            return "";
        }

        return c switch { 'n' => "\n", 't' => "\t", 'r' => "\r", 'b' => "\b", 'f' => "\f", '"' => "\"", '\\' => "\\", _ => throw Wrong($"\\{c} is no escape") };
    }

    /// <returns>Whether there is more.</returns>
    private bool SkipToContent()
    {
        while (_at < _text.Length && (char.IsWhiteSpace(_text[_at]) || _text[_at] == '#'))
        {
            _at = _text[_at] == '#' ? (_text.IndexOf('\n', _at) is >= 0 and var end ? end : _text.Length) : _at + 1;
        }

        return _at < _text.Length;
    }

    private void EndLine()
    {
        SkipSpaces();
        if (Peek() is not ('\n' or '#' or '\0'))
        {
            throw Wrong("the line goes on behind its end");
        }
    }

    private void SkipSpaces() => ReadWhile(c => c is ' ' or '\t');

    private string ReadWhile(Func<char, bool> belongs)
    {
        var from = _at;
        while (_at < _text.Length && belongs(_text[_at]))
        {
            _at++;
        }

        return _text[from.._at];
    }

    private char Peek() => _at < _text.Length ? _text[_at] : '\0';

    private bool Take(char c)
    {
        var there = Peek() == c;
        _at += there ? 1 : 0;
        return there;
    }

    private void Expect(string what)
    {
        if (!_text.AsSpan(_at).StartsWith(what, StringComparison.Ordinal))
        {
            throw Wrong($"{what} is missing");
        }

        _at += what.Length;
    }

    private ProblemException Wrong(string reason)
    {
        var before = _text.AsSpan(0, Math.Min(_at, _text.Length));
        return new Problem("import/toml", $"{fileName}:{before.Count('\n') + 1}:{before.Length - before.LastIndexOf('\n')} {reason}", "Check brackets and quotes at this place.").AsException();
    }

    /// <summary>A table that grows while the file is read.</summary>
    private sealed class Table
    {
        private readonly OrderedDictionary<string, object> _entries = new(StringComparer.Ordinal);

        public bool TryAdd(string key, YamlNode value) => _entries.TryAdd(key, value);

        /// <summary>The table of that key, or the last of a list of them; <see langword="null"/> when something else stands there.</summary>
        public Table? Below(string key, bool addToList)
        {
            if (!_entries.TryGetValue(key, out var there))
            {
                _entries.Add(key, there = addToList ? new List<Table>() : new Table());
            }

            if (there is not List<Table> list)
            {
                return addToList ? null : there as Table;
            }

            if (addToList)
            {
                list.Add(new());
            }

            return list[^1];
        }

        public YamlMap ToMap() => TreeEdit.Map(_entries.Select(e => (e.Key, (YamlNode?)(e.Value switch
        {
            Table table => table.ToMap(),
            List<Table> list => TreeEdit.List(list.Select(t => t.ToMap())),
            var value => (YamlNode)value,
        }))));
    }
}
