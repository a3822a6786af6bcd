using System.Text.Json;

namespace Wherry.Core.Model;

/// <summary>What the edge does with the requests of one route besides handing them on: keys of an entry of <c>x-wherry.routes</c>.</summary>
/// <remarks>They hold in this order: addresses, rate, redirect, passwords, forward auth; then the request goes to a target. Two are equal when they say the same.</remarks>
public sealed record RouteRules
{
    /// <summary>Sends every request elsewhere instead.</summary>
    public Redirection? Redirect { get; set; }

    /// <summary>Put before the path, after a prefix was stripped.</summary>
    public PathPrefix? AddPrefix { get; set; }

    /// <summary>Changes to what the service gets.</summary>
    public HeaderChanges? RequestHeaders { get; set; }

    /// <summary>Changes to what the visitor gets; the edge's own pages stay as they are.</summary>
    public HeaderChanges? ResponseHeaders { get; set; }

    /// <summary>Brotli or gzip for text that the service left uncompressed. Default no: answers that mix secrets with what a stranger chose should not be compressed (BREACH).</summary>
    public bool Compress { get; set; }

    /// <summary>Addresses and networks (<c>10.0.0.0/8</c>) that may ask; others get 403. Default: everybody.</summary>
    public IReadOnlyList<string>? Allow { get; set; }

    /// <summary>Addresses and networks that get 403, also among those allowed.</summary>
    public IReadOnlyList<string>? Deny { get; set; }

    public RateLimit? RateLimit { get; set; }

    /// <summary>Names with their passwords' hashes in crypt(5)'s form, as <c>htpasswd -nB</c> and <c>mkpasswd</c> write them. Default: nobody is asked.</summary>
    public IReadOnlyDictionary<string, string>? BasicAuth { get; set; }

    public ForwardAuth? ForwardAuth { get; set; }

    /// <summary>Tells search engines to leave it out (<c>X-Robots-Tag: noindex, nofollow</c>).</summary>
    public bool NoIndex { get; set; }

    /// <summary>Largest request body in bytes; larger ones get 413. Default: the service's.</summary>
    public long? MaxBody { get; set; }

    /// <summary>Longest time until the service begins to answer; then 504. Default: <see cref="SilentFor"/>.</summary>
    public TimeSpan? FirstByteWithin { get; set; }

    /// <summary>Longest silence in both directions. Default: the edge's, 10 min.</summary>
    public TimeSpan? SilentFor { get; set; }

    /// <summary>Name of a cookie that keeps a visitor at the replica that answered first. Default: none.</summary>
    public string? StickyCookie { get; set; }

    /// <summary>How often a request is sent to another replica when one breaks off before it answers. Only where sending it twice does no harm: GET, HEAD, OPTIONS, TRACE, PUT and DELETE, with no body or one of at most 64 KB. Default 1; 0 to 3.</summary>
    public int? Retries { get; set; }

    /// <summary>Holds bodies back until they are whole. Default: they pass as streams.</summary>
    public BufferRule? Buffer { get; set; }

    public bool Equals(RouteRules? other) => other is not null && Written() == other.Written();

    public override int GetHashCode() => Written().GetHashCode(StringComparison.Ordinal);

    private string Written() => JsonSerializer.Serialize(this, ModelJson.Default.RouteRules);
}

/// <summary>Which bodies the edge holds back until they are whole, so that a slow visitor does not keep a replica busy. WebSockets, gRPC and answers that are streams pass all the same.</summary>
public sealed record BufferRule
{
    /// <summary>A request reaches the service when its body is whole. At most <see cref="RouteRules.MaxBody"/>, or 1 GB. Default yes.</summary>
    public bool Requests { get; set; } = true;

    /// <summary>The visitor gets an answer when it is whole. Default yes.</summary>
    public bool Responses { get; set; } = true;

    /// <summary>Bytes of a body that are kept in memory; what is more goes to a file. Default 1 MB; up to 64 MB.</summary>
    public long Memory { get; set; } = 1 << 20;

    /// <summary>Bytes of the largest answer that is held back; for a larger one the visitor gets 500. Default 1 GB.</summary>
    public long MaxResponse { get; set; } = 1 << 30;
}

/// <summary>Where a route's requests are sent.</summary>
/// <param name="To"><c>https://example.com</c> keeps path and query; <c>https://example.com/here</c>, and <c>/here</c> on the same host, replace them.</param>
/// <param name="Permanent">301, or 308 for what is not GET or HEAD, which browsers keep; else 302 and 307. Default no.</param>
public sealed record Redirection(string To, bool Permanent = false);

/// <summary>Changes to headers.</summary>
public sealed record HeaderChanges
{
    /// <summary>Set, in place of what was there.</summary>
    public IReadOnlyDictionary<string, string> Set { get; set; } = new SortedDictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    public IReadOnlyList<string> Remove { get; set; } = [];
}

/// <summary>How often one client may ask; more gets 429 with <c>Retry-After</c>.</summary>
/// <param name="Requests">So many in <paramref name="Per"/>, spread evenly.</param>
/// <param name="Burst">So many at once. Default: <paramref name="Requests"/>.</param>
/// <param name="Header">Header that tells clients apart. Default: their address.</param>
public sealed record RateLimit(int Requests, TimeSpan Per, int? Burst = null, string? Header = null);

/// <summary>Somebody else decides: the edge asks with a GET that carries the request's headers, <c>X-Forwarded-Method</c>, <c>-Proto</c>, <c>-Host</c> and <c>-Uri</c>. 2xx lets it in; any other answer is the visitor's.</summary>
/// <param name="Url">Whom to ask.</param>
/// <param name="CopyHeaders">Headers of its answer that the service gets, for instance <c>Remote-User</c>; those of the visitor are removed.</param>
public sealed record ForwardAuth(string Url, IReadOnlyList<string>? CopyHeaders = null);
