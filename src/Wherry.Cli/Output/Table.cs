using System.Globalization;

namespace Wherry.Cli.Output;

/// <summary>Aligned columns, the same in a terminal and in a pipe, so that <c>awk</c> and people read the same. Loads nothing.</summary>
internal sealed class Table(params IReadOnlyList<string> head)
{
    private readonly List<IReadOnlyList<string>> _rows = [];

    public void Add(params IReadOnlyList<string> cells) => _rows.Add(cells);

    public void Write(TextWriter output, string indent = "")
    {
        if (_rows.Count == 0)
        {
            return;
        }

        IReadOnlyList<IReadOnlyList<string>> all = head.Any(h => h.Length > 0) ? [head, .. _rows] : _rows;
        var widths = Enumerable.Range(0, head.Count).Select(column => all.Max(row => Width(row[column]))).ToList();
        foreach (var row in all)
        {
            var cells = row.Select((cell, column) => column == head.Count - 1 ? cell : cell + new string(' ', widths[column] - Width(cell)));
            output.WriteLine((indent + string.Join("  ", cells)).TrimEnd());
        }
    }

    private static int Width(string cell) => new StringInfo(cell).LengthInTextElements;
}
