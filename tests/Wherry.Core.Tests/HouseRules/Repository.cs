using System.Text.RegularExpressions;

namespace Wherry.Core.Tests.HouseRules;

/// <summary>The repository's files, as the house rules look at them.</summary>
internal static partial class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>C# files below a folder, as paths from the root.</summary>
    public static IEnumerable<string> CodeIn(string folder) =>
        from file in Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
        let path = Path.GetRelativePath(Root, file)
        where !path.Split('/').Any(part => part is "obj" or "bin" or "artifacts" or "node_modules")
        orderby path
        select path;

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>The file without its comments; line numbers stay.</summary>
    public static string ReadCode(string path) => Comment().Replace(Read(path), "");

    public static bool Exists(string path) => Path.Exists(Path.Combine(Root, path));

    public static int LineOf(string text, int index) => text.AsSpan(0, index).Count('\n') + 1;

    /// <summary>The text between the bracket at <paramref name="open"/> and its partner.</summary>
    public static string Inside(string text, int open)
    {
        var depth = 0;
        for (var i = open; i < text.Length; i++)
        {
            depth += text[i] switch { '(' => 1, ')' => -1, _ => 0 };
            if (depth == 0)
            {
                return text[(open + 1)..i];
            }
        }

        return text[open..];
    }

    /// <summary>How many parameters a list has; commas inside of types and defaults do not count.</summary>
    public static int CountParameters(string list)
    {
        var depth = 0;
        var commas = 0;
        foreach (var c in list)
        {
            depth += c switch { '(' or '<' or '[' or '{' => 1, ')' or '>' or ']' or '}' => -1, _ => 0 };
            commas += c == ',' && depth == 0 ? 1 : 0;
        }

        return string.IsNullOrWhiteSpace(list) ? 0 : commas + 1;
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Wherry.slnx")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException($"No Wherry.slnx above {AppContext.BaseDirectory}: these tests read the repository that they were built in.");
        }

        return folder.FullName;
    }

    [GeneratedRegex(@"(?m)(?<=^|\s)///?.*$")]
    private static partial Regex Comment();
}
