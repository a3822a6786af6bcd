using Wherry.Compose.Yaml;

namespace Wherry.Compose.Importing.Resources;

/// <summary>The documents of a file, each with the places that it has in the whole file.</summary>
internal static class ResourceDocuments
{
    public static IReadOnlyList<YamlMap> Parse(string text, string fileName, SpecErrors errors)
    {
        var found = new List<YamlMap>();
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        var from = 0;
        for (var i = 0; i <= lines.Length; i++)
        {
            if (i < lines.Length && !IsSeparator(lines[i]))
            {
                continue;
            }

            var part = lines[from..i];
            if (part.Any(l => l.Trim() is { Length: > 0 } content && content[0] != '#'))
            {
                // As many empty lines as stand before it keep the places right.
                found.Add(YamlTree.Parse(new string('\n', from) + string.Join('\n', part), fileName, errors));
            }

            from = i + 1;
        }

        return found;
    }

    private static bool IsSeparator(string line) => line.StartsWith("---", StringComparison.Ordinal) && (line.Length == 3 || char.IsWhiteSpace(line[3]));
}
