using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Wherry.Edge.Rules;

namespace Wherry.Edge.Proxying;

/// <summary>Tells the target who asks and how. What the client claims about that counts only when it is a trusted proxy.</summary>
internal sealed class ForwardedHeaders(IReadOnlyList<string> trustedProxies, TimeProvider time)
{
    private const string For = "X-Forwarded-For";
    private const string Proto = "X-Forwarded-Proto";
    private const string Host = "X-Forwarded-Host";
    private const string RequestId = "X-Request-ID";
    private const string RequestStart = "X-Request-Start";

    private static readonly string[] Untrusted = [For, Proto, Host, "X-Forwarded-Port", "X-Forwarded-Prefix", "X-Forwarded-Server", "X-Forwarded-Ssl", "X-Real-IP", "Forwarded"];

    /// <summary>What the edge alone says, whoever asks.</summary>
    private static readonly string[] Own = ["X-Wherry-Target", MirrorCopy.Header];

    private static readonly string[] Unlike = [.. Untrusted, .. Own];

    private readonly NetworkList _trusted = new(trustedProxies);

    public void Apply(EdgeRequest request)
    {
        var http = request.Http;
        var headers = http.Request.Headers;
        var peer = http.Connection.RemoteIpAddress;
        var peerText = request.PeerText(peer);
        request.Client = peerText;
        foreach (var name in Own)
        {
            headers.Remove(name);
        }

        RemoveLookalikes(headers);
        if (!_trusted.IsEmpty && peer is not null && _trusted.Contains(peer))
        {
            var chain = headers[For].ToString();
            request.Client = FirstUntrusted(chain) ?? peerText;
            headers[For] = chain.Length == 0 ? peerText : $"{chain}, {peerText}";
            if (SchemeIn(headers[Proto].ToString()) is { } scheme)
            {
                http.Request.Scheme = scheme; // the visitor's, for redirects and cookies
            }
        }
        else
        {
            foreach (var name in Untrusted)
            {
                headers.Remove(name);
            }

            headers[For] = peerText;
        }

        headers.TryAdd(Proto, http.Request.Scheme);
        headers.TryAdd(Host, http.Request.Host.Value);
        AddIds(request, headers);
    }

    /// <summary>Of a chain of proxies the first one spoke with the visitor.</summary>
    private static string? SchemeIn(string proto)
    {
        var first = proto.AsSpan();
        first = (first.IndexOf(',') is >= 0 and var comma ? first[..comma] : first).Trim();
        return first.Equals("https", StringComparison.OrdinalIgnoreCase) ? "https" : first.Equals("http", StringComparison.OrdinalIgnoreCase) ? "http" : null;
    }

    private static void RemoveLookalikes(IHeaderDictionary headers)
    {
        List<string>? found = null;
        foreach (var (name, _) in headers)
        {
            if (name.Contains('_', StringComparison.Ordinal) && Lookalikes.IsOneOf(name, Unlike))
            {
                (found ??= []).Add(name);
            }
        }

        found?.ForEach(name => headers.Remove(name));
    }

    private void AddIds(EdgeRequest request, IHeaderDictionary headers)
    {
        var now = time.GetUtcNow();
        if (headers.TryGetValue(RequestId, out var given) && given.ToString() is { Length: > 0 } id)
        {
            request.RequestId = id;
        }
        else
        {
            headers[RequestId] = request.RequestId = RequestIds.Next(now);
        }

        if (!headers.ContainsKey(RequestStart))
        {
            headers[RequestStart] = now.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        }
    }

    /// <summary>The address nearest to us that no trusted proxy has.</summary>
    private string? FirstUntrusted(string chain)
    {
        foreach (var part in chain.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Reverse())
        {
            if (!IPAddress.TryParse(part, out var address))
            {
                return null;
            }

            if (!_trusted.Contains(address))
            {
                return part;
            }
        }

        return null;
    }
}
