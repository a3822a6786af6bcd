using Wherry.Compose.Yaml;
using Wherry.Core.Problems;

namespace Wherry.Compose.Reading;

internal sealed partial class Field
{
    /// <summary>A list of strings.</summary>
    public IReadOnlyList<string> Texts() => [.. Items().Select(i => i.Text()).OfType<string>()];

    /// <summary>A command: a string is split into words, a list is taken as it is.</summary>
    public IReadOnlyList<string>? Words()
    {
        if (IsList)
        {
            return Texts();
        }

        if (Text() is not { } text)
        {
            return null;
        }

        try
        {
            return ShellWords.Split(text);
        }
        catch (FormatException e)
        {
            Wrong(e.Message, "For a shell write [\"sh\", \"-c\", \"…\"]; quote what belongs together.");
            return null;
        }
    }

    /// <summary>Names with values, as a mapping or as a list of <c>name=value</c>. A name without value is empty.</summary>
    public SortedDictionary<string, string> Pairs()
    {
        var pairs = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in OptionalPairs())
        {
            pairs[name] = value ?? "";
        }

        return pairs;
    }

    /// <summary>As <see cref="Pairs"/>, but a name without value is <see langword="null"/>.</summary>
    public IReadOnlyList<(string Name, string? Value)> OptionalPairs() => node switch
    {
        YamlMap => [.. Entries().Select(e => (e.Key, e.Value.Printed())).Where(p => IsName(p.Key))],
        YamlList => [.. Items().Select(i => i.Pair()).OfType<(string Name, string? Value)>()],
        _ => NoPairs(),
    };

    private IReadOnlyList<(string, string?)> NoPairs()
    {
        MustBe("a mapping or a list of name=value");
        return [];
    }

    /// <summary>The value the way Compose prints it into a variable or label; <see langword="null"/> when there is none.</summary>
    private string? Printed()
    {
        if (node is YamlScalar scalar)
        {
            return scalar.Kind is ScalarKind.Null or ScalarKind.Broken ? null : scalar.Canonical;
        }

        MustBe("a single value");
        return null;
    }

    private (string Name, string? Value)? Pair()
    {
        if (node is not YamlScalar { Kind: not ScalarKind.Null } scalar)
        {
            Wrong($"must be name=value but is {node.Shape}", "Write - NAME=value, or make the whole list a mapping.");
            return null;
        }

        var equals = scalar.Text.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? scalar.Text : scalar.Text[..equals];
        return IsBroken || !IsName(name) ? null : (name, equals < 0 ? null : scalar.Text[(equals + 1)..]);
    }

    private bool IsName(string name)
    {
        if (name.Length > 0 && !name.Contains('=', StringComparison.Ordinal) && !name.Any(char.IsControl))
        {
            return true;
        }

        Wrong($"{Problem.Quoted(name)} is not a name", "Write a name before the = or :.");
        return false;
    }
}
