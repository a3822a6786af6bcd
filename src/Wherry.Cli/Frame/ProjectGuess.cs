using System.Text;
using System.Text.RegularExpressions;
using Wherry.Compose;
using Wherry.Core.Problems;

namespace Wherry.Cli.Frame;

/// <summary>A project nobody named.</summary>
/// <param name="From">Where the name comes from, for a person.</param>
internal sealed partial record ProjectGuess(string Name, string From)
{
    /// <summary>From the Git remote <c>wherry</c>, else the Compose file's <c>name</c>, else the folder's name.</summary>
    /// <exception cref="ProblemException"><c>cli/no-project</c> when none of them gives a valid name.</exception>
    public static async Task<ProjectGuess> OfFolderAsync(string folder, CancellationToken ct)
    {
        if (await GitProgram.TryAsync(folder, ["remote", "get-url", "wherry"], ct) is { } url && OfAddress(url.Trim()) is { } ofRemote)
        {
            return ofRemote with { From = "the Git remote `wherry`" };
        }

        foreach (var file in ComposeReader.FileNames.Select(f => Path.Combine(folder, f)).Where(File.Exists))
        {
            if (ComposeName(await File.ReadAllTextAsync(file, ct)) is { } name)
            {
                return new(name, $"{Path.GetFileName(file)}");
            }
        }

        return Valid(Path.GetFileName(folder)) is { } ofFolder
            ? new(ofFolder, "the folder's name")
            : throw new Problem("cli/no-project", $"The folder {folder} gives no name for a project.", "Name it: --project NAME.").AsException();
    }

    /// <summary>From the last part of an address or path: <c>https://host/team/shop.git</c> is <c>shop</c>.</summary>
    public static ProjectGuess? OfAddress(string address)
    {
        var last = address.TrimEnd('/').Split('/', ':')[^1];
        return Valid(last.EndsWith(".git", StringComparison.Ordinal) ? last[..^4] : last) is { } name ? new(name, "the repository's name") : null;
    }

    /// <summary>From an image reference: <c>ghcr.io/team/shop:1.2</c> is <c>shop</c>.</summary>
    public static ProjectGuess? OfImage(string image) =>
        Valid(image.Split('@')[0].Split('/')[^1].Split(':')[0]) is { } name ? new(name, "the image's name") : null;

    /// <summary>The nearest valid name of a project; <see langword="null"/> when nothing is left of the text.</summary>
    internal static string? Valid(string text)
    {
        var name = new StringBuilder();
        foreach (var c in text.ToLowerInvariant())
        {
            name.Append(char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) ? c : '-');
        }

        var valid = Dashes().Replace(name.ToString(), "-").TrimStart('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9');
        valid = valid[..Math.Min(valid.Length, 40)].TrimEnd('-');
        return valid.Length > 0 ? valid : null;
    }

    /// <summary>Top-level <c>name</c>. Reading the whole file is the server's work; a name made of variables is left to it.</summary>
    private static string? ComposeName(string compose) =>
        TopLevelName().Match(compose) is { Success: true } match && !match.Groups["name"].Value.Contains('$', StringComparison.Ordinal) ? Valid(match.Groups["name"].Value) : null;

    [GeneratedRegex("-{2,}")]
    private static partial Regex Dashes();

    [GeneratedRegex("""^name:[ \t]*["']?(?<name>[^"'#\r\n]+?)["']?[ \t]*(#.*)?\r?$""", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex TopLevelName();
}
