namespace Wherry.Compose.Importing;

/// <summary>Names for what is imported.</summary>
internal static class ImportNames
{
    private const int MaxProject = 40;

    /// <summary>A project's name from that of a file or service: small letters, digits and dashes.</summary>
    public static string Project(string name)
    {
        var stem = Path.GetFileName(name).Split('.')[0].ToLowerInvariant();
        var text = string.Concat(stem.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')).Trim('-').TrimStart('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '-');
        return text.Length == 0 ? "imported" : text.Length > MaxProject ? text[..MaxProject].TrimEnd('-') : text;
    }
}
