using System.Globalization;
using Wherry.Compose.Yaml;
using Wherry.Core.Model;

namespace Wherry.Compose.Reading;

internal sealed partial class Field
{
    /// <summary>The text as written, whatever it looks like: a number is text too.</summary>
    public string? Text()
    {
        if (node is YamlScalar { Kind: not ScalarKind.Null and not ScalarKind.Broken } scalar)
        {
            return scalar.Text;
        }

        MustBe("a string");
        return null;
    }

    /// <summary>Text that is not empty.</summary>
    public string? Filled()
    {
        var text = Text();
        if (text is not "")
        {
            return text;
        }

        Wrong("must not be empty", "Write a value, or remove the key.");
        return null;
    }

    /// <summary>Text; an empty one says nothing.</summary>
    public string? Stated() => Text() is { Length: > 0 } text ? text : null;

    /// <summary>Text that is one of <paramref name="choices"/>.</summary>
    public string? OneOf(params ReadOnlySpan<string> choices)
    {
        var text = Text();
        if (text is null || choices.Contains(text))
        {
            return text;
        }

        var all = string.Join(", ", choices!);
        Wrong($"{Shown} is not one of {all}", $"Use one of {all}.");
        return null;
    }

    /// <summary><c>true</c> or <c>false</c>, quoted or not.</summary>
    public bool? Bool()
    {
        switch (node)
        {
            case YamlScalar { Text: "true" or "True" or "TRUE" }:
                return true;
            case YamlScalar { Text: "false" or "False" or "FALSE" }:
                return false;
            default:
                Wrong($"must be true or false but is {Shown}", "Write true or false.");
                return null;
        }
    }

    /// <summary>A whole number within the bounds, both included.</summary>
    public long? Int(long min, long max = long.MaxValue)
    {
        if (node is YamlScalar scalar && ScalarKinds.ParseInt(scalar.Text) is { } number && number >= min && number <= max)
        {
            return (long)number;
        }

        var range = max == long.MaxValue ? $"from {min}" : $"from {min} to {max}";
        Wrong($"must be a whole number {range} but is {Shown}", $"Write a whole number {range}.");
        return null;
    }

    /// <summary>A number of cores, above zero; <c>0</c> is read as no limit.</summary>
    public double? Cores()
    {
        if (node is not YamlScalar scalar || !double.TryParse(scalar.Text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || number > 4096)
        {
            Wrong($"must be a number of cores but is {Shown}", "Write it as 0.5 or 2.");
            return null;
        }

        return number > 0 ? number : null;
    }

    /// <summary>A duration in Compose's grammar: <c>1m30s</c>, <c>500ms</c>, <c>0</c>.</summary>
    public TimeSpan? Duration()
    {
        if (node is YamlScalar scalar && ComposeDuration.Parse(scalar.Text) is { } duration)
        {
            return duration;
        }

        Wrong($"must be a duration but is {Shown}", "Write it with its unit, for instance 30s, 1m30s or 500ms.");
        return null;
    }

    public ByteSize? Size() => Value<ByteSize>();

    /// <summary>Permission bits: a number as YAML reads it (<c>0440</c> is octal), or a string of octal digits.</summary>
    public int? Mode()
    {
        if (node is YamlScalar scalar)
        {
            var octal = scalar.Kind == ScalarKind.Text ? ScalarKinds.ParseInt($"0{scalar.Text.TrimStart('0')}") : null;
            var bits = scalar.Kind == ScalarKind.Int ? ScalarKinds.ParseInt(scalar.Text) : octal;
            if (bits is { } mode && mode >= 0 && mode <= 0xFFF)
            {
                return (int)mode;
            }
        }

        Wrong($"must be permission bits but is {Shown}", "Write them in octal, for instance 0440.");
        return null;
    }
}
