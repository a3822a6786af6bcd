using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Wherry.Core.Problems;

namespace Wherry.Core.Model;

/// <summary>The part of a URL's path that a route answers to: <c>/</c>, or <c>/api</c>, which covers <c>/api</c> and <c>/api/…</c> but not <c>/apis</c>.</summary>
[JsonConverter(typeof(ValueConverter<PathPrefix>))]
public sealed partial record PathPrefix : IValue<PathPrefix>
{
    private PathPrefix(string value) => Value = value;

    public static PathPrefix Root { get; } = new("/");

    public string Value { get; }

    /// <exception cref="ProblemException"><c>route/path</c>.</exception>
    public static PathPrefix Parse(string text)
    {
        var trimmed = text.Length > 1 ? text.TrimEnd('/') : text;
        return trimmed.Length <= 1024 && Shape().IsMatch(trimmed) && !trimmed.Split('/').Any(s => s is "." or "..")
            ? new(trimmed)
            : throw new Problem("route/path", $"{Problem.Quoted(text)} is not a path prefix.", "Start it with / and use letters, digits and -._~%!$&'()*+,;=:@ between slashes.").AsException();
    }

    public override string ToString() => Value;

    [GeneratedRegex(@"\A(?:/|(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+)+)\z")]
    private static partial Regex Shape();
}
