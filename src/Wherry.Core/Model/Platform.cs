using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Wherry.Core.Problems;

namespace Wherry.Core.Model;

/// <summary>Kind of machine that an image is for: <c>linux/amd64</c>, <c>linux/arm64/v8</c>.</summary>
[JsonConverter(typeof(ValueConverter<Platform>))]
public sealed partial record Platform : IValue<Platform>
{
    /// <summary>Operating systems that an engine on Linux can have a runtime for.</summary>
    private static readonly string[] Systems = ["linux", "wasi", "wasip1", "freebsd"];

    private Platform(string value) => Value = value;

    public string Value { get; }

    /// <exception cref="ProblemException"><c>image/platform</c>.</exception>
    public static Platform Parse(string text)
    {
        var parts = text.ToLowerInvariant().Split('/');
        var whole = parts is [var one] ? (string[])(Systems.Contains(one) ? [one] : ["linux", one]) : parts;
        return Shape().IsMatch(text) && Systems.Contains(whole[0])
            ? new(string.Join('/', whole.Select((part, i) => i == 1 ? Architecture(part) : part)))
            : throw new Problem("image/platform", $"{Problem.Quoted(text)} is no platform that containers run on here.", "Write it as linux/amd64 or linux/arm64.").AsException();
    }

    /// <summary>An image of this operating system and architecture is for this platform.</summary>
    public bool Covers(string os, string architecture)
    {
        var parts = Value.Split('/');
        return parts[0] == os && (parts.Length < 2 || parts[1] == architecture);
    }

    public override string ToString() => Value;

    /// <summary>Names of the kernel, in the words of images.</summary>
    private static string Architecture(string word) => word switch
    {
        "x86_64" or "x86-64" => "amd64",
        "aarch64" => "arm64",
        "i386" => "386",
        _ => word,
    };

    [GeneratedRegex(@"\A[A-Za-z0-9_-]{1,32}(?:/[A-Za-z0-9_.-]{1,32}){0,2}\z")]
    private static partial Regex Shape();
}
