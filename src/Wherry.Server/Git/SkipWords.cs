using System.Text.RegularExpressions;

namespace Wherry.Server.Git;

/// <summary>Words in a commit's message that keep a push from deploying.</summary>
internal static partial class SkipWords
{
    /// <returns>The word as it was written, for instance <c>[skip ci]</c>; <see langword="null"/>: none.</returns>
    public static string? Find(string message) => Words().Match(message) is { Success: true } found ? found.Value : null;

    [GeneratedRegex(@"\[(?:skip (?:ci|deploy)|(?:ci|deploy) skip|no (?:ci|deploy))\]", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Words();
}
