using System.Globalization;
using System.Text;
using Wherry.Compose.Merging;
using Wherry.Core.Problems;

namespace Wherry.Compose;

/// <summary>Line and column in the file, both starting at 1.</summary>
/// <param name="Origin">The file; <see langword="null"/> is the first one.</param>
internal readonly record struct Mark(long Line, long Column, Origin? Origin = null) : IComparable<Mark>
{
    public int CompareTo(Mark other) => (Origin?.Order ?? 0, Line, Column).CompareTo((other.Origin?.Order ?? 0, other.Line, other.Column));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Line}:{Column}");
}

/// <summary>Collects everything that is wrong with a file, so that it is told at once and not one per attempt.</summary>
internal sealed class SpecErrors(string fileName)
{
    private const int MaxShown = 50;
    private const int MaxKept = 1000;

    private readonly List<Entry> _problems = [];
    private readonly List<Entry> _warnings = [];

    /// <summary>The codes of all problems so far, in the order of the file.</summary>
    public IReadOnlyList<string> Codes => [.. InOrder(_problems).Select(e => e.Code)];

    /// <summary>The warnings so far, each once, in the order of the file.</summary>
    public IReadOnlyList<Warning> Warnings => [.. InOrder(_warnings).Select(e => new Warning(e.Code, e.Line(fileName)))];

    /// <exception cref="ProblemException">There are so many problems that no more are looked for.</exception>
    public void Add(Mark at, string path, string code, string message, string hint)
    {
        _problems.Add(new(at, path, code, message, hint));
        if (_problems.Count >= MaxKept)
        {
            ThrowIfAny();
        }
    }

    public void Warn(Mark at, string path, string code, string message)
    {
        if (_warnings.Count < MaxKept)
        {
            _warnings.Add(new(at, path, code, message, ""));
        }
    }

    /// <summary>Takes over what another collector found.</summary>
    /// <param name="except">Codes of problems that do not matter here.</param>
    public void Take(SpecErrors other, IReadOnlyList<string> except)
    {
        _problems.AddRange(other._problems.Where(p => !except.Contains(p.Code)));
        _warnings.AddRange(other._warnings);
    }

    /// <exception cref="ProblemException">The one problem under its own code, or all of them as <c>compose/invalid</c>.</exception>
    public void ThrowIfAny()
    {
        var all = InOrder(_problems);
        if (all.Count == 0)
        {
            return;
        }

        if (all is [var only])
        {
            throw new Problem(only.Code, only.Line(fileName), only.Hint.Length > 0 ? only.Hint : "Mend this place of the file.").AsException();
        }

        var text = new StringBuilder($"{fileName} has {all.Count} problems:");
        foreach (var entry in all.Take(MaxShown))
        {
            text.Append('\n').Append(entry.LineWithHint(fileName));
        }

        if (all.Count > MaxShown)
        {
            text.Append(CultureInfo.InvariantCulture, $"\nand {all.Count - MaxShown} more");
        }

        throw new Problem("compose/invalid", text.ToString(), "Each line names the place and what to write instead.").AsException();
    }

    private static List<Entry> InOrder(List<Entry> entries) => [.. entries.Distinct().OrderBy(e => e.At)];

    private sealed record Entry(Mark At, string Path, string Code, string Message, string Hint)
    {
        public string Line(string fileName) => $"{At.Origin?.File ?? fileName}:{At} {(Path.Length > 0 ? $"{Path}: " : "")}{Message}";

        public string LineWithHint(string fileName) => Hint.Length > 0 ? $"{Line(fileName)} ({Hint})" : Line(fileName);
    }
}
