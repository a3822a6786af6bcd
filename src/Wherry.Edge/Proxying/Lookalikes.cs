namespace Wherry.Edge.Proxying;

/// <summary>To programs behind CGI and its heirs (WSGI, Rack, PHP) <c>X_Forwarded_For</c> is the same header as <c>X-Forwarded-For</c>: who must not send the one must not send the other.</summary>
internal static class Lookalikes
{
    /// <summary>Those of <paramref name="sent"/> that such a program takes for one of <paramref name="names"/>.</summary>
    public static List<string> Among(IEnumerable<string> sent, IReadOnlyCollection<string> names) => [.. sent.Where(s => IsOneOf(s, names))];

    public static bool IsOneOf(string sent, IReadOnlyCollection<string> names)
    {
        foreach (var name in names)
        {
            if (name.Length == sent.Length && (sent.Contains('_', StringComparison.Ordinal) || name.Contains('_', StringComparison.Ordinal)) && Plain(name).Equals(Plain(sent), StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static string Plain(string name) => name.Replace('_', '-');
}
