namespace Wherry.Cli.Problems;

/// <summary>The documentation of problems, <c>docs/problems.md</c>, which this program carries along.</summary>
internal static class ProblemPages
{
    private const string Heading = "## ";

    /// <summary>Text under the heading with this code; <see langword="null"/> when there is none.</summary>
    public static string? Find(string code) => All().FirstOrDefault(p => p.Code == code).Text;

    /// <summary>Codes that begin like the wanted one, or name the same thing.</summary>
    public static IReadOnlyList<string> Near(string code)
    {
        var word = code.Split('/')[0];
        return [.. All().Select(p => p.Code).Where(c => c.Split('/')[0] == word || c.EndsWith($"/{code}", StringComparison.Ordinal))];
    }

    internal static IEnumerable<(string Code, string Text)> All()
    {
        using var stream = typeof(ProblemPages).Assembly.GetManifestResourceStream("problems.md")!;
        using var reader = new StreamReader(stream);
        return [.. Split(reader.ReadToEnd())];
    }

    internal static IEnumerable<(string Code, string Text)> Split(string page)
    {
        string? code = null;
        var text = new List<string>();
        foreach (var line in page.Split('\n').Append(Heading))
        {
            if (!line.StartsWith(Heading, StringComparison.Ordinal))
            {
                text.Add(line);
                continue;
            }

            if (code is not null)
            {
                yield return (code, string.Join('\n', text).Trim());
            }

            code = line[Heading.Length..].Trim().Trim('`');
            text.Clear();
        }
    }
}
