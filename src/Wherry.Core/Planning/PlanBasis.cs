using System.Security.Cryptography;
using System.Text;

namespace Wherry.Core.Planning;

/// <summary>Everything that decides what a deployment does, part by part: what a plan's hash stands for.</summary>
/// <param name="Parts">Name of a part, for a person, to its value.</param>
public sealed record PlanBasis(IReadOnlyDictionary<string, string> Parts)
{
    private const int Digits = 12;

    /// <summary>The same for the same parts.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', Parts.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}\t{p.Value}")))))[..Digits];

    public static bool IsHash(string text) => text.Length == Digits && text.All(char.IsAsciiHexDigitLower);

    /// <summary>What is different now, in words; empty when nothing is.</summary>
    public IReadOnlyList<string> Differences(PlanBasis now) =>
    [
        .. from name in Parts.Keys.Union(now.Parts.Keys).Order(StringComparer.Ordinal)
           let before = Parts.GetValueOrDefault(name)
           let after = now.Parts.GetValueOrDefault(name)
           where before != after
           select $"{name} ({Short(before)} → {Short(after)})",
    ];

    private static string Short(string? value) => value switch
    {
        null or "" => "none",
        { Length: > 40 } => value[..40] + "…",
        _ => value,
    };
}
