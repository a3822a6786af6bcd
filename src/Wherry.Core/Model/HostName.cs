using System.Globalization;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Wherry.Core.Problems;

namespace Wherry.Core.Model;

/// <summary>A host that a route answers to: <c>example.com</c>, or <c>*.example.com</c> for exactly one level below it. Kept in lower-case ASCII (punycode).</summary>
[JsonConverter(typeof(ValueConverter<HostName>))]
public sealed partial record HostName : IValue<HostName>
{
    private HostName(string value) => Value = value;

    public string Value { get; }

    public bool IsWildcard => Value.StartsWith("*.", StringComparison.Ordinal);

    /// <exception cref="ProblemException"><c>route/host</c>.</exception>
    public static HostName Parse(string text)
    {
        var ascii = text.ToLowerInvariant();
        if (!ascii.All(char.IsAscii) && ascii.Length < 256)
        {
            try
            {
                ascii = new IdnMapping().GetAscii(ascii);
            }
            catch (ArgumentException)
            {
                throw Wrong(text);
            }
        }

        return ascii.Length <= 253 && Shape().IsMatch(ascii) ? new(ascii) : throw Wrong(text);
    }

    /// <summary>Whether a route for this host takes requests for <paramref name="name"/>.</summary>
    public bool Covers(HostName name) => Covers(Value, name.Value);

    /// <summary>A name covers itself; a wildcard covers exactly one level.</summary>
    /// <param name="name">A host, or a wildcard; of a route or of a certificate.</param>
    public static bool Covers(string name, string host) => name.StartsWith("*.", StringComparison.Ordinal)
        ? Above(host).Equals(name.AsSpan(1), StringComparison.OrdinalIgnoreCase)
        : string.Equals(name, host, StringComparison.OrdinalIgnoreCase);

    /// <summary>The one wildcard that covers a host: <c>*.example.com</c> for <c>www.example.com</c>; <see langword="null"/> for a host of one label.</summary>
    public static string? WildcardOf(string host) => Above(host) is { Length: > 0 } above ? $"*{above}" : null;

    public override string ToString() => Value;

    /// <summary>The levels above a host, with the dot before them; empty for a host of one label.</summary>
    private static ReadOnlySpan<char> Above(string host) => host.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot ? host.AsSpan(dot) : default;

    private static ProblemException Wrong(string text) =>
        new Problem("route/host", $"{Problem.Quoted(text)} is not a host name.", "Write it as example.com or *.example.com, without scheme, port and path.").AsException();

    [GeneratedRegex(@"\A(?:\*\.)?[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*\z")]
    private static partial Regex Shape();
}
