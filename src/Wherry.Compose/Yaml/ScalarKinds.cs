using System.Globalization;
using System.Text.RegularExpressions;

namespace Wherry.Compose.Yaml;

/// <summary>What a plain scalar means.</summary>
internal enum ScalarKind
{
    Text,
    Null,
    Bool,
    Int,
    Float,

    /// <summary>Its variables could not be replaced; that is reported already, so nothing more is said about it.</summary>
    Broken,
}

/// <summary>The meaning of plain scalars as Compose's YAML library sees it: 1.2, so <c>yes</c> and <c>no</c> are text, but <c>010</c> is octal.</summary>
internal static partial class ScalarKinds
{
    public static ScalarKind Of(string plain) => plain switch
    {
        "" or "~" or "null" or "Null" or "NULL" => ScalarKind.Null,
        "true" or "True" or "TRUE" or "false" or "False" or "FALSE" => ScalarKind.Bool,
        _ when ParseInt(plain) is not null => ScalarKind.Int,
        _ when Float().IsMatch(plain) => ScalarKind.Float,
        _ => ScalarKind.Text,
    };

    public static string Canonical(string text, ScalarKind kind) => kind switch
    {
        ScalarKind.Null => "",
        ScalarKind.Bool => text.ToLowerInvariant(),
        ScalarKind.Int => ParseInt(text)?.ToString(CultureInfo.InvariantCulture) ?? text,
        ScalarKind.Float => Shortest(double.Parse(text.Replace("_", "", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture)),
        _ => text,
    };

    /// <summary>A 64-bit integer, signed or not, in any of the four notations; <see langword="null"/> when it is something else.</summary>
    public static Int128? ParseInt(string text)
    {
        var match = Int().Match(text);
        if (!match.Success)
        {
            return null;
        }

        var body = match.Groups["body"].Value.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
        var (radix, digits) = body switch
        {
            ['0', 'x', ..] => (16, body[2..]),
            ['0', 'o', ..] => (8, body[2..]),
            ['0', 'b', ..] => (2, body[2..]),
            ['0', _, ..] => (8, body[1..]),
            _ => (10, body),
        };
        Int128 value = 0;
        foreach (var digit in digits)
        {
            value = (value * radix) + Convert.ToInt32(digit.ToString(), 16);
            if (value > ulong.MaxValue)
            {
                return null;
            }
        }

        return match.Groups["sign"].Value == "-" ? -value : value;
    }

    /// <summary>Go's <c>%v</c>: the shortest text that reads back the same, with an exponent from 1e21 on and below 1e-4.</summary>
    private static string Shortest(double value)
    {
        if (value == 0 || !double.IsFinite(value))
        {
            return value == 0 ? "0" : value > 0 ? "+Inf" : "-Inf";
        }

        var sign = value < 0 ? "-" : "";
        var parts = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture).Split('E');
        var point = parts[0].IndexOf('.', StringComparison.Ordinal);
        var all = parts[0].Replace(".", "", StringComparison.Ordinal);
        var digits = all.TrimStart('0');
        var exponent = (point < 0 ? all.Length : point) - (all.Length - digits.Length) - 1 + (parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0);
        digits = digits.TrimEnd('0');

        return exponent switch
        {
            < -4 or >= 21 => $"{sign}{digits[0]}{(digits.Length > 1 ? $".{digits[1..]}" : "")}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}",
            < 0 => $"{sign}0.{new string('0', -exponent - 1)}{digits}",
            _ when digits.Length <= exponent + 1 => sign + digits.PadRight(exponent + 1, '0'),
            _ => $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}",
        };
    }

    [GeneratedRegex(@"\A(?<sign>[-+]?)(?<body>0[xX][0-9a-fA-F_]*[0-9a-fA-F]|0[oO][0-7_]*[0-7]|0[bB][01_]*[01]|0[0-7_]*[0-7]|0|[1-9][0-9_]*)\z")]
    private static partial Regex Int();

    [GeneratedRegex(@"\A[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?\z")]
    private static partial Regex Float();
}
