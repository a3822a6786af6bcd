using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Wherry.Core.Routing;

namespace Wherry.Edge.Switching;

/// <summary>Decides to which side of a split service a visitor belongs.</summary>
internal sealed class Split(TrafficSplit rule)
{
    /// <summary>Set by the edge where the rule names no cookie or header.</summary>
    public const string OwnCookie = "wherry-split";

    private readonly FrozenSet<string> _allowed = (rule.Allow ?? []).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The share is of copies; <see langword="null"/>: visitors have it.</summary>
    public TrafficMirror? Mirror => rule.Mirror;

    /// <param name="request">Of the visitor.</param>
    /// <param name="fresh">Value for <see cref="OwnCookie"/> of a visitor who has none yet.</param>
    /// <returns>Whether the visitor gets the targets that have the share.</returns>
    public bool Chooses(HttpRequest request, out string? fresh)
    {
        fresh = null;
        var key = rule.Header is { } header ? request.Headers[header].ToString() : request.Cookies[rule.Cookie ?? OwnCookie];
        if (string.IsNullOrEmpty(key) && rule is { Header: null, Cookie: null })
        {
            key = fresh = RandomNumberGenerator.GetHexString(16, lowercase: true);
        }

        return !string.IsNullOrEmpty(key) && (_allowed.Contains(key) || Place(key) < rule.Share);
    }

    /// <summary>A visitor's place between 0 and 100: by chance, but always the same.</summary>
    internal static double Place(string key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(key), hash);
        return BinaryPrimitives.ReadUInt32LittleEndian(hash) * 100.0 / (1L << 32);
    }
}
