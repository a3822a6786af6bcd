using Wherry.Core.Problems;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Wherry.Compose.Yaml;

/// <summary>The YAML library's events; what it cannot parse becomes a <c>compose/yaml</c> problem with its place.</summary>
internal sealed class YamlEvents
{
    private readonly string _text;
    private readonly string _fileName;
    private readonly Scanner _scanner;
    private readonly Parser _parser;

    public YamlEvents(string text, string fileName)
    {
        (_text, _fileName) = (text, fileName);
        _scanner = new(new StringReader(text));
        _parser = new(_scanner);
        MoveNext();
    }

    public ParsingEvent Current => _parser.Current!;

    public void MoveNext()
    {
        try
        {
            _parser.MoveNext();
        }
        catch (YamlException e)
        {
            var found = FindTab(e.Start.Line, _scanner.CurrentPosition.Line);
            throw found is { } tab ? Wrong(tab, "the line is indented with a tab", e) : Wrong(new(e.Start.Line, e.Start.Column), e.Message, e);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            // The library stumbles over some brackets that are not closed.
            var at = _scanner.CurrentPosition;
            throw Wrong(new(at.Line, at.Column), "the YAML cannot be parsed from here on; is a bracket or quote above still open?", e);
        }
    }

    /// <summary>The current event, and on to the next one.</summary>
    public T Consume<T>()
        where T : ParsingEvent
    {
        var current = Current;
        if (current is not T wanted)
        {
            throw Wrong(new(current.Start.Line, current.Start.Column), "a value is missing", null);
        }

        MoveNext();
        return wanted;
    }

    /// <summary>The first tab in the indentation of these lines; the library itself only says that it is lost.</summary>
    private Mark? FindTab(long from, long to)
    {
        var lines = _text.Split('\n');
        for (var line = (int)Math.Max(1, from); line <= Math.Min(lines.Length, to); line++)
        {
            var content = lines[line - 1].AsSpan();
            var column = content[..^content.TrimStart().Length].IndexOf('\t');
            if (column >= 0)
            {
                return new(line, column + 1);
            }
        }

        return null;
    }

    private ProblemException Wrong(Mark at, string reason, Exception? cause) =>
        new Problem("compose/yaml", $"{_fileName}:{at} {reason}", "Check indentation (spaces, no tabs), quotes and brackets at this place.").AsException(cause);
}
