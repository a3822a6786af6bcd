using System.Text;

namespace Wherry.Compose.Interpolation;

/// <summary>A file of variables: <c>.env</c> or an <c>env_file</c>.</summary>
/// <remarks>
/// <c>NAME=value</c> or <c>NAME: value</c>, with <c>export</c> before it if wanted; <c>#</c> at the start of a line or after a space begins a comment.
/// Single quotes keep everything as it is, double quotes know escapes and variables; both may span lines. A name alone takes the variable from outside.
/// </remarks>
public sealed class EnvFile
{
    /// <summary>Variables that repeat each other line by line must not become a large file.</summary>
    private const int MaxCharacters = 1 << 20;
    private const int MaxLines = 20_000;

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _lines = new(StringComparer.Ordinal);
    private readonly List<EnvFileProblem> _problems = [];
    private readonly Func<string, string?> _find;
    private readonly Action<string> _unset;

    private long _characters;

    private EnvFile(Func<string, string?> find, Action<string> unset) => (_find, _unset) = (find, unset);

    public IReadOnlyDictionary<string, string> Values => _values;

    /// <summary>Line of each value, from 1 on.</summary>
    public IReadOnlyDictionary<string, int> Lines => _lines;

    public IReadOnlyList<EnvFileProblem> Problems => _problems;

    /// <summary>Reads Compose's format.</summary>
    /// <param name="find">Variables from outside; they win over ones that the file defined further up.</param>
    /// <param name="unset">Told the name of each variable that is replaced by nothing.</param>
    public static EnvFile Parse(string text, Func<string, string?> find, Action<string> unset)
    {
        var file = new EnvFile(find, unset);
        var cursor = new EnvCursor(text.ReplaceLineEndings("\n"));
        for (var read = 0; cursor.SkipToStatement(); read++)
        {
            if (read == MaxLines)
            {
                file._problems.Add(new(cursor.Line, $"the file has more than {MaxLines} variables"));
                break;
            }

            file.ReadStatement(cursor);
        }

        return file;
    }

    /// <summary>Reads the <c>raw</c> format: everything after the first <c>=</c> is the value, as it stands.</summary>
    public static EnvFile ParseRaw(string text, Func<string, string?> find)
    {
        var file = new EnvFile(find, _ => { });
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        for (var number = 1; number <= lines.Length; number++)
        {
            var line = lines[number - 1].TrimStart();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            var equals = line.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? line.TrimEnd() : line[..equals];
            if (name.Length == 0 || name.Any(char.IsWhiteSpace))
            {
                file._problems.Add(new(number, "a line must be NAME=value"));
                continue;
            }

            file.Set(name, equals < 0 ? find(name) : line[(equals + 1)..], number);
        }

        return file;
    }

    private void ReadStatement(EnvCursor cursor)
    {
        var line = cursor.Line;
        var name = cursor.TakeName();
        if (name.Length == 0)
        {
            _problems.Add(new(line, "a line must be NAME=value; names have letters, digits and _ . -"));
            cursor.SkipLine();
            return;
        }

        if (!cursor.TakeSeparator(out var hasValue))
        {
            _problems.Add(new(line, "the name of a variable must be followed by ="));
            cursor.SkipLine();
            return;
        }

        if (!hasValue)
        {
            Set(name, _find(name), line);
            return;
        }

        ReadValue(cursor, name, line);
    }

    private void ReadValue(EnvCursor cursor, string name, int line)
    {
        try
        {
            var (text, quote) = cursor.TakeValue();
            Set(name, quote switch
            {
                '\'' => text,
                '"' => Expand(Unescape(text)),
                _ => Expand(text),
            }, line);
        }
        catch (FormatException e)
        {
            _problems.Add(new(line, $"{name}: {e.Message}"));
        }
        catch (MissingVariableException e)
        {
            _problems.Add(new(line, $"{name}: {e.Message}"));
        }
    }

    private string Expand(string text) => text.Contains('$', StringComparison.Ordinal)
        ? Template.Parse(text).Expand(n => Counted(_find(n) ?? _values.GetValueOrDefault(n)), _unset)
        : text;

    private string? Counted(string? value)
    {
        _characters += value?.Length ?? 0;
        return _characters <= MaxCharacters ? value : throw new FormatException("the file has more than 1 MB once its variables are replaced");
    }

    private void Set(string name, string? value, int line)
    {
        if (value is not null)
        {
            (_values[name], _lines[name]) = (value, line);
        }
    }

    private static string Unescape(string text)
    {
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 == text.Length)
            {
                result.Append(text[i]);
                continue;
            }

            var escaped = text[++i];
            result.Append(escaped switch
            {
                'n' => "\n",
                'r' => "\r",
                't' => "\t",
                'a' => "\a",
                'b' => "\b",
                'f' => "\f",
                'v' => "\v",
                '\\' => "\\",
                '"' => "\"",
                '$' => "$$",
                _ => $"\\{escaped}",
            });
        }

        return result.ToString();
    }
}

/// <summary>A line of a file of variables that cannot be read; never shows a value.</summary>
/// <param name="Line">Starts at 1.</param>
public sealed record EnvFileProblem(int Line, string Message);
