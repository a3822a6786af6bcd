using System.Text.Json.Serialization;
using Wherry.Core.Problems;

namespace Wherry.Core.Model;

/// <summary>A relative path inside a source tree, with <c>/</c> between its parts; <c>.</c> is the tree itself. It never leaves the tree.</summary>
[JsonConverter(typeof(ValueConverter<SourcePath>))]
public sealed record SourcePath : IValue<SourcePath>
{
    private SourcePath(string value) => Value = value;

    public static SourcePath Root { get; } = new(".");

    public string Value { get; }

    /// <exception cref="ProblemException"><c>source/path</c>.</exception>
    public static SourcePath Parse(string text)
    {
        if (text.Length is 0 or > 1024 || text.StartsWith('/') || text.Contains('\\', StringComparison.Ordinal) || text.Any(char.IsControl))
        {
            throw Wrong(text);
        }

        var parts = text.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(p => p != ".").ToArray();
        return parts.Contains("..") || parts is [['-', ..], ..] ? throw Wrong(text) : parts.Length == 0 ? Root : new(string.Join('/', parts));
    }

    /// <summary>This path below <paramref name="parent"/>.</summary>
    public SourcePath Below(SourcePath parent) => Parse($"{parent.Value}/{Value}");

    public override string ToString() => Value;

    private static ProblemException Wrong(string text) =>
        new Problem("source/path", $"{Problem.Quoted(text)} is not a path inside the source.", "Use a relative path without .. in it.").AsException();
}
