using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Wherry.Edge.Foreign.Traefik;

/// <summary>A dynamic configuration of Traefik 3. Maps without entries are left out: Traefik refuses a file that has one.</summary>
internal sealed record TraefikConfiguration(TraefikHttp? Http, TraefikTcp? Tcp, TraefikTls Tls);

internal sealed record TraefikHttp(
    IReadOnlyDictionary<string, TraefikRouter>? Routers, IReadOnlyDictionary<string, TraefikMiddleware>? Middlewares, IReadOnlyDictionary<string, TraefikService>? Services, IReadOnlyDictionary<string, ServersTransport>? ServersTransports);

internal sealed record TraefikRouter(IReadOnlyList<string> EntryPoints, string Rule, int Priority, IReadOnlyList<string>? Middlewares, string Service, RouterTls? Tls);

internal sealed record RouterTls(string Options, string? CertResolver, IReadOnlyList<TlsDomain>? Domains);

internal sealed record TlsDomain(string Main);

/// <summary>One of these.</summary>
internal sealed record TraefikService
{
    public LoadBalancer? LoadBalancer { get; init; }

    public WeightedService? Weighted { get; init; }

    public MirroringService? Mirroring { get; init; }
}

internal sealed record LoadBalancer(IReadOnlyList<LoadServer> Servers, ServiceHealth? HealthCheck, Sticky? Sticky, string? ServersTransport);

internal sealed record LoadServer(string Url);

internal sealed record ServiceHealth(string Path, int Port, string? Hostname, string Interval, string Timeout, bool FollowRedirects);

internal sealed record Sticky(StickyCookie Cookie);

internal sealed record StickyCookie(string Name, bool HttpOnly);

internal sealed record WeightedService(IReadOnlyList<WeightedPart> Services, Sticky Sticky, Nothing? HealthCheck);

internal sealed record WeightedPart(string Name, int Weight);

internal sealed record MirroringService(string Service, long MaxBodySize, IReadOnlyList<MirrorPart> Mirrors);

internal sealed record MirrorPart(string Name, int Percent);

internal sealed record ServersTransport(ForwardingTimeouts ForwardingTimeouts);

internal sealed record ForwardingTimeouts(string ResponseHeaderTimeout);

/// <summary>One of these.</summary>
internal sealed record TraefikMiddleware
{
    public PrefixAdded? AddPrefix { get; init; }

    public BasicUsers? BasicAuth { get; init; }

    public BodyBuffering? Buffering { get; init; }

    public Nothing? Compress { get; init; }

    public AuthAddress? ForwardAuth { get; init; }

    public CustomHeaders? Headers { get; init; }

    public AddressList? IpAllowList { get; init; }

    public RequestRate? RateLimit { get; init; }

    public RegexRedirect? RedirectRegex { get; init; }

    public SchemeRedirect? RedirectScheme { get; init; }

    public RetryAttempts? Retry { get; init; }

    public PrefixesStripped? StripPrefix { get; init; }
}

/// <summary>What is asked for by being there.</summary>
internal sealed record Nothing;

internal sealed record PrefixAdded(string Prefix);

internal sealed record BasicUsers(IReadOnlyList<string> Users, string Realm, bool RemoveHeader);

internal sealed record BodyBuffering(long? MaxRequestBodyBytes, long? MemRequestBodyBytes, long? MaxResponseBodyBytes, long? MemResponseBodyBytes);

internal sealed record AuthAddress(string Address, IReadOnlyList<string>? AuthResponseHeaders);

internal sealed record CustomHeaders(IReadOnlyDictionary<string, string>? CustomRequestHeaders, IReadOnlyDictionary<string, string>? CustomResponseHeaders);

internal sealed record AddressList(IReadOnlyList<string> SourceRange, int? RejectStatusCode);

internal sealed record RequestRate(int Average, string Period, int Burst, RateSource? SourceCriterion);

internal sealed record RateSource(string RequestHeaderName);

internal sealed record RegexRedirect(string Regex, string Replacement, bool Permanent);

internal sealed record SchemeRedirect(string Scheme, bool Permanent);

internal sealed record RetryAttempts(int Attempts);

internal sealed record PrefixesStripped(IReadOnlyList<string> Prefixes);

internal sealed record TraefikTcp(IReadOnlyDictionary<string, TcpRouter> Routers, IReadOnlyDictionary<string, TcpService> Services, IReadOnlyDictionary<string, TcpMiddleware>? Middlewares);

internal sealed record TcpRouter(IReadOnlyList<string> EntryPoints, string Rule, IReadOnlyList<string>? Middlewares, string Service);

internal sealed record TcpService(TcpLoadBalancer LoadBalancer);

internal sealed record TcpLoadBalancer(IReadOnlyList<TcpServer> Servers, TcpProxyProtocol? ProxyProtocol);

internal sealed record TcpServer(string Address);

internal sealed record TcpProxyProtocol(int Version);

internal sealed record TcpMiddleware(AddressList IpAllowList);

internal sealed record TraefikTls(IReadOnlyList<TraefikCertificate>? Certificates, IReadOnlyDictionary<string, TlsOptions> Options);

/// <summary>Both may be one file.</summary>
internal sealed record TraefikCertificate(string CertFile, string KeyFile);

internal sealed record TlsOptions(string MinVersion);

[JsonSerializable(typeof(TraefikConfiguration))]
internal sealed partial class TraefikJson : JsonSerializerContext
{
    private static TraefikJson Plain { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // nobody shows it in a page, and people read the rules in it
        WriteIndented = true,
    });

    /// <summary>JSON that is YAML too, and that Go's templates, through which Traefik reads a file first, leave as it is: no brace stands in a text.</summary>
    public static string Write(TraefikConfiguration configuration)
    {
        var json = JsonSerializer.Serialize(configuration, Plain.TraefikConfiguration);
        var written = new StringBuilder(json.Length + 1);
        var inText = false;
        for (var i = 0; i < json.Length; i++)
        {
            inText ^= json[i] == '"';
            if (inText && json[i] == '\\')
            {
                written.Append(json[i++]); // what is escaped ends no text
            }

            written.Append(json[i] is '{' or '}' && inText ? json[i] == '{' ? @"\u007b" : @"\u007d" : json[i].ToString());
        }

        return written.Append('\n').ToString();
    }
}
