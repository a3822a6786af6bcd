using Wherry.Compose.Yaml;
using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Compose.Reading;

/// <summary>One value of the file with its path, and the typed ways to read it. A value of the wrong type is reported and read as <see langword="null"/>.</summary>
internal sealed partial class Field(string path, YamlNode node, SpecErrors errors)
{
    public string Path => path;

    public YamlNode Node => node;

    public bool IsList => node is YamlList;

    public bool IsMap => node is YamlMap;

    public bool IsScalar => node is YamlScalar;

    /// <summary>The value for a problem's text: as written, so that a variable's value never shows; short and in one line.</summary>
    public string Shown => node is YamlScalar scalar ? Problem.Quoted(scalar.Written) : node.Shape;

    private bool IsBroken => node is YamlScalar { Kind: ScalarKind.Broken };

    public void Wrong(string message, string hint) => Wrong("compose/value", message, hint);

    public void Wrong(string code, string message, string hint)
    {
        if (!IsBroken)
        {
            errors.Add(node.At, path, code, Hidden(message), hint);
        }
    }

    public void Warn(string code, string message) => errors.Warn(node.At, path, code, message);

    /// <summary>This mapping's keys; <see langword="null"/> after a report when it is something else.</summary>
    public Fields? Map()
    {
        if (node is YamlMap map)
        {
            return new(path, map, errors);
        }

        MustBe("a mapping");
        return null;
    }

    /// <summary>The entries of a mapping whose keys are free names; values may be null.</summary>
    public IReadOnlyList<(string Key, Field Value)> Entries()
    {
        if (node is YamlMap map)
        {
            return [.. map.Entries.Select(e => (e.Key, new Field($"{path}.{e.Key}", e.Value.IsNull ? new YamlScalar(e.At, "", ScalarKind.Null) : e.Value, errors)))];
        }

        MustBe("a mapping");
        return [];
    }

    /// <summary>The items of a list.</summary>
    public IReadOnlyList<Field> Items()
    {
        if (node is YamlList list)
        {
            return [.. list.Items.Select((item, i) => new Field($"{path}[{i}]", item, errors))];
        }

        MustBe("a list");
        return [];
    }

    /// <summary>A list, or one value that stands for a list of one.</summary>
    public IReadOnlyList<Field> ItemOrItems() => node is YamlList ? Items() : [this];

    /// <summary>Reads with a parser that throws problems, and reports those here.</summary>
    public T? Try<T>(Func<T> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (ProblemException e)
        {
            Wrong(e.Problem.Code, e.Problem.Message, e.Problem.Hint);
            return null;
        }
    }

    /// <summary>A validated value of the model.</summary>
    public T? Value<T>()
        where T : class, IValue<T> => Text() is { } text ? Try(() => T.Parse(text)) : null;

    private void MustBe(string what) => Wrong($"must be {what} but is {node.Shape}", "Compare it with the Compose specification.");

    /// <summary>A variable may be a secret: a message that quotes something else than what the file says is replaced.</summary>
    private string Hidden(string message)
    {
        if (node is not YamlScalar scalar || scalar.Text == scalar.Written)
        {
            return message;
        }

        var quotesMore = message.Replace(Problem.Quoted(scalar.Written), "", StringComparison.Ordinal).Contains('"', StringComparison.Ordinal);
        return quotesMore ? $"{Problem.Quoted(scalar.Written)} has a wrong value once its variables are replaced" : message;
    }
}
