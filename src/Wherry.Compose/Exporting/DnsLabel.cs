namespace Wherry.Compose.Exporting;

/// <summary>Names that DNS takes, and with it most tools: lower-case letters, digits and dashes.</summary>
internal static class DnsLabel
{
    private const int Longest = 50; // of 63: room for what is put behind it

    public static string Of(string text)
    {
        var label = string.Concat(text.ToLowerInvariant().Select(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) ? c : '-')).Trim('-');
        label = label.Length > Longest ? label[..Longest].TrimEnd('-') : label;
        return label.Length == 0 ? "x" : char.IsAsciiDigit(label[0]) ? $"x{label}" : label;
    }
}
