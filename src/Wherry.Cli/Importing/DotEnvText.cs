using System.Text;
using Wherry.Compose.Importing;

namespace Wherry.Cli.Importing;

/// <summary>The inputs of an imported project as <c>.env</c>.</summary>
internal static class DotEnvText
{
    /// <param name="before">The file as it is; what stands in it stays.</param>
    /// <param name="there">Names that stand in it.</param>
    /// <param name="values">New values.</param>
    public static string Write(string before, IReadOnlySet<string> there, IReadOnlyList<ImportInput> inputs, IReadOnlyDictionary<string, string> values)
    {
        var text = new StringBuilder(before.Length == 0 || before.EndsWith('\n') ? before : before + "\n");
        foreach (var input in inputs.Where(i => !there.Contains(i.Name) || values.ContainsKey(i.Name)))
        {
            text.Append("# ").Append(input.Purpose.ReplaceLineEndings(" ")).Append('\n');
            _ = values.TryGetValue(input.Name, out var value) ? text.Append(input.Name).Append('=').Append(Quoted(value))
                : input.Required || input.Shape is not null ? text.Append("# to give: ").Append(input.Name).Append('=')
                : text.Append('#').Append(input.Name).Append('=').Append(input.Default?.ReplaceLineEndings(" "));
            text.Append('\n');
        }

        return text.ToString();
    }

    /// <summary>In single quotes where that keeps the value as it is.</summary>
    private static string Quoted(string value) => value.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '/' or ':' or '@' or '+') ? value
        : !value.Contains('\'', StringComparison.Ordinal) ? $"'{value}'"
        : $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("$", "\\$", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";
}
