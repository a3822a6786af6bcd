namespace Wherry.Compose.Importing;

/// <summary>Names for what is imported.</summary>
internal static class ImportNames
{
    private const int MaxProject = 40;
    private const int MaxVolume = 63;

    /// <summary>A project's name from that of a file or service: small letters, digits and dashes.</summary>
    public static string Project(string name)
    {
        var stem = Path.GetFileName(name).Split('.')[0].ToLowerInvariant();
        var text = string.Concat(stem.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')).Trim('-').TrimStart('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '-');
        return text.Length == 0 ? "imported" : text.Length > MaxProject ? text[..MaxProject].TrimEnd('-') : text;
    }

    /// <summary>A variable's name: <c>api-gateway_sessionKey</c> is <c>API_GATEWAY_SESSION_KEY</c>.</summary>
    public static string Variable(string text)
    {
        var name = string.Concat(text.Select((c, i) => char.IsAsciiLetterUpper(c) && i > 0 && char.IsAsciiLetterLower(text[i - 1]) ? $"_{c}" : char.IsAsciiLetterOrDigit(c) ? $"{char.ToUpperInvariant(c)}" : "_"));
        return name.Length == 0 || char.IsAsciiDigit(name[0]) ? $"_{name}" : name;
    }

    /// <summary>A name for a volume or config from a path: <c>./volumes/api/kong.yml</c> is <c>volumes-api-kong.yml</c>.</summary>
    public static string OfPath(string path)
    {
        var name = string.Concat(path.TrimStart('.', '~', '/').Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '-')).Trim('-', '.');
        return name.Length == 0 ? "data" : name.Length > MaxVolume ? name[^MaxVolume..].TrimStart('-', '.', '_') : name;
    }
}
