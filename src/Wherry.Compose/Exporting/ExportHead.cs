using Wherry.Compose.Writing;

namespace Wherry.Compose.Exporting;

/// <summary>The comments at the top of an export: where it comes from, what it lost, what has to be set.</summary>
internal static class ExportHead
{
    public static IReadOnlyList<string> Lines(string format, ExportWish wish, IReadOnlyList<string> losses, IReadOnlyList<WantedVariable> variables)
    {
        List<string> lines = [$"Written by `wherry export {format}` from {wish.Origin}."];
        if (losses.Count > 0)
        {
            lines.AddRange(["", "What got lost or is said in another way:", .. losses.Select(l => $"- {l}")]);
        }

        if (variables.Count > 0)
        {
            lines.AddRange(["", "To be set:", .. variables.Select(v => $"- {v}")]);
        }

        return lines;
    }

    /// <summary>The lines as comments of a format whose comments begin with <c>#</c>.</summary>
    public static string Hashed(IEnumerable<string> lines) => string.Concat(lines.Select(l => l.Length > 0 ? $"# {l}\n" : "#\n"));
}
