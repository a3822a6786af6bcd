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

    private static readonly string[] Untrusted = [For, Proto, Host, "X-Forwarded-Port", "X-Forwarded-Prefix", "X-Forwarded-Server", "X-Forwarded-Ssl", "X-Real-IP", "Forwarded", "X-Wherry-Target"];

    private readonly NetworkList _trusted = new(trustedProxies);

    public void Apply(EdgeRequest request)
    {
        var http = request.Http;
        var headers = http.Request.Headers;
        var peer = http.Connection.RemoteIpAddress;
        var peerText = request.PeerText(peer);
        request.Client = peerText;
        if (!_trusted.IsEmpty && peer is not null && _trusted.Contains(peer))
        {
            var chain = headers[For].ToString();
            request.Client = FirstUntrusted(chain) ?? peerText;
            headers[For] = chain.Length == 0 ? peerText : $"{chain}, {peerText}";
        }
        else
        {
            foreach (var name in Untrusted)
            {
                headers.Remove(name);
            }

            RemoveLookalikes(headers);
            headers[For] = peerText;
        }

        headers.TryAdd(Proto, http.Request.Scheme);
        headers.TryAdd(Host, http.Request.Host.Value);
        AddIds(request, headers);
    }

    /// <summary>To programs behind CGI and its heirs (WSGI, Rack, PHP) <c>X_Forwarded_For</c> is the same header as <c>X-Forwarded-For</c>.</summary>
    private static void RemoveLookalikes(IHeaderDictionary headers)
    {
        List<string>? found = null;
        foreach (var (name, _) in headers)
        {
            if (name.Contains('_', StringComparison.Ordinal) && Untrusted.Contains(name.Replace('_', '-'), StringComparer.OrdinalIgnoreCase))
            {
                (found ??= []).Add(name);
            }
        }

        found?.ForEach(name => headers.Remove(name));
    }

    private void AddIds(EdgeRequest request, IHeaderDictionary headers)
    {
        if (headers.TryGetValue(RequestId, out var given) && given.ToString() is { Length: > 0 } id)
        {
            request.RequestId = id;
        }
        else
        {
            headers[RequestId] = request.RequestId = Guid.CreateVersion7().ToString("N");
        }

        if (!headers.ContainsKey(RequestStart))
        {
            headers[RequestStart] = time.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
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
