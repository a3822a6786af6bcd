using System.Text;

namespace Wherry.Compose.Exporting;

/// <summary>A unit file of systemd. Values keep their meaning: <c>%</c> and <c>$</c>, which systemd would replace, are doubled.</summary>
internal sealed class UnitText
{
    private readonly StringBuilder _text = new();

    public UnitText Section(string name)
    {
        _text.Append(_text.Length > 0 ? "\n" : "").Append('[').Append(name).Append("]\n");
        return this;
    }

    /// <summary>Nothing leaves the key out.</summary>
    public UnitText Add(string key, string? value)
    {
        if (value is not null)
        {
            _text.Append(key).Append('=').Append(value.ReplaceLineEndings(" ")).Append('\n');
        }

        return this;
    }

    public UnitText AddAll(string key, IEnumerable<string> values)
    {
        foreach (var value in values)
        {
            Add(key, value);
        }

        return this;
    }

    /// <summary>A text that stays one word.</summary>
    public static string Word(string text) => text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || "_-./:=,@+".Contains(c, StringComparison.Ordinal)) ? text : $"\"{Inside(text)}\"";

    /// <summary>A text as it stands between double quotes.</summary>
    public static string Inside(string text) => Line(text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal));

    /// <summary>A whole line.</summary>
    public static string Line(string text) => text.Replace("%", "%%", StringComparison.Ordinal).Replace("$", "$$", StringComparison.Ordinal);

    public override string ToString() => _text.ToString();
}
