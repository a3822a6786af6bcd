using System.Text;

namespace Wherry.Compose.Interpolation;

/// <summary>A text with variables in it: <c>$A ${A} ${A:-d} ${A-d} ${A:?e} ${A?e} ${A:+r} ${A+r} $$</c>, nested as deep as <see cref="MaxDepth"/>.</summary>
internal sealed class Template
{
    private const int MaxDepth = 16;
    private const int MaxVariables = 10_000;

    private readonly List<Part> _parts;

    private Template(List<Part> parts) => _parts = parts;

    /// <exception cref="FormatException">The text is not a template; the message says why.</exception>
    public static Template Parse(string text)
    {
        var position = 0;
        return new(ReadParts(text, ref position, depth: 0));
    }

    /// <summary>The text with every variable replaced.</summary>
    /// <param name="find">Value of a variable, or <see langword="null"/> when it is not set.</param>
    /// <param name="unset">Told the name of each variable that is replaced by nothing.</param>
    /// <exception cref="MissingVariableException">A variable marked <c>?</c> is not there.</exception>
    public string Expand(Func<string, string?> find, Action<string> unset)
    {
        var text = new StringBuilder();
        foreach (var part in _parts)
        {
            text.Append(part.Expand(find, unset));
        }

        return text.ToString();
    }

    private static List<Part> ReadParts(string text, ref int position, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new FormatException($"variables nest deeper than {MaxDepth} levels");
        }

        var parts = new List<Part>();
        var literal = new StringBuilder();
        var open = 0;
        while (position < text.Length && (depth == 0 || open > 0 || text[position] != '}'))
        {
            var c = text[position];
            if (c != '$')
            {
                open += depth == 0 ? 0 : c switch { '{' => 1, '}' => -1, _ => 0 };
                literal.Append(c);
                position++;
                continue;
            }

            if (position + 1 < text.Length && text[position + 1] == '$')
            {
                literal.Append('$');
                position += 2;
                continue;
            }

            parts.Add(new Literal(literal.ToString()));
            literal.Clear();
            parts.Add(ReadVariable(text, ref position, depth));
            if (parts.Count > 2 * MaxVariables)
            {
                throw new FormatException($"there are more than {MaxVariables} variables");
            }
        }

        parts.Add(new Literal(literal.ToString()));
        return parts;
    }

    private static Variable ReadVariable(string text, ref int position, int depth)
    {
        var braced = position + 1 < text.Length && text[position + 1] == '{';
        position += braced ? 2 : 1;
        var start = position;
        while (position < text.Length && IsNameCharacter(text[position], first: position == start))
        {
            position++;
        }

        var name = text[start..position];
        if (name.Length == 0)
        {
            throw new FormatException(braced ? "${ is not followed by the name of a variable" : "$ is not followed by the name of a variable");
        }

        if (!braced)
        {
            return new(name, "", []);
        }

        var operation = ReadOperator(text, ref position);
        var rest = operation.Length == 0 ? [] : ReadParts(text, ref position, depth + 1);
        if (position >= text.Length || text[position] != '}')
        {
            throw new FormatException(position >= text.Length ? $"${{{name} has no closing brace" : $"${{{name} is followed by \"{text[position]}\"");
        }

        position++;
        return new(name, operation, rest);
    }

    private static string ReadOperator(string text, ref int position)
    {
        var length = position < text.Length && text[position] == ':' ? 2 : 1;
        var operation = position + length <= text.Length ? text.Substring(position, length) : "";
        if (operation is not (":-" or "-" or ":?" or "?" or ":+" or "+"))
        {
            return "";
        }

        position += length;
        return operation;
    }

    private static bool IsNameCharacter(char c, bool first) => c == '_' || char.IsAsciiLetter(c) || (!first && char.IsAsciiDigit(c));

    private abstract record Part
    {
        public abstract string Expand(Func<string, string?> find, Action<string> unset);
    }

    private sealed record Literal(string Text) : Part
    {
        public override string Expand(Func<string, string?> find, Action<string> unset) => Text;
    }

    private sealed record Variable(string Name, string Operator, List<Part> Rest) : Part
    {
        public override string Expand(Func<string, string?> find, Action<string> unset)
        {
            var value = find(Name);
            var there = Operator.StartsWith(':') ? !string.IsNullOrEmpty(value) : value is not null;
            switch (Operator)
            {
                case ":-" or "-":
                    return there ? value! : Other();
                case ":+" or "+":
                    return there ? Other() : "";
                case ":?" or "?":
                    return there ? value! : throw new MissingVariableException(Name, Other());
                default:
                    if (value is null)
                    {
                        unset(Name);
                    }

                    return value ?? "";
            }

            string Other() => new Template(Rest).Expand(find, unset);
        }
    }
}

/// <summary>A variable that the file requires is not set.</summary>
/// <param name="name">The variable.</param>
/// <param name="reason">What the file says about it; may be empty.</param>
#pragma warning disable CA1064 // caught one call above, never seen outside
internal sealed class MissingVariableException(string name, string reason) : Exception(reason.Length > 0 ? reason : $"{name} is required but not set")
#pragma warning restore CA1064
{
    public string Name { get; } = name;
}
