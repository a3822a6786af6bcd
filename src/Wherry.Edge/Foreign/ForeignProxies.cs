using System.Net;
using Wherry.Core.Problems;
using Wherry.Edge.Certificates;
using Wherry.Edge.Foreign.Caddy;
using Wherry.Edge.Foreign.Traefik;
using Wherry.Edge.Listening;
using Wherry.Edge.Pages;

namespace Wherry.Edge.Foreign;

/// <summary>Where a foreign proxy shall take visitors, and whom it believes.</summary>
internal sealed record EdgeListen(IReadOnlyList<IPEndPoint> Plain, IReadOnlyList<IPEndPoint> Secure, IReadOnlyList<string> TrustedProxies)
{
    public static EdgeListen Of(EdgeOptions options) => new([.. EdgeServer.Possible(options.Listen)], [.. EdgeServer.Possible(options.ListenTls)], options.TrustedProxies);
}

/// <summary>The proxies that the edge can drive.</summary>
internal static class ForeignProxies
{
    public const string CaddyAdminApi = "http://localhost:2019";

    /// <returns><see langword="null"/>: the edge serves by itself.</returns>
    /// <exception cref="ProblemException"><c>edge/proxy</c>.</exception>
    public static IForeignProxy? Open(EdgeOptions options, CertificateFolder uploaded, InternalAuthority authority, ErrorPages pages)
    {
        if (options.Proxy is null)
        {
            return null;
        }

        if (options.ProxyProtocolFrom.Count > 0)
        {
            throw new Problem("edge/unsupported", "Another proxy than Wherry's own edge is not introduced to visitors by --proxy-protocol-from.", "Leave it out and configure that proxy itself. docs/operate/edges.md says what each can do.").AsException();
        }

        return Parts(options.Proxy) switch
        {
            ["caddy", .. var address] => OpenCaddy(options, address is [var given] ? given : CaddyAdminApi, uploaded, pages),
            ["traefik", var how] when TraefikOptions.Parse(how) is { } traefik => OpenTraefik(options, traefik, uploaded, authority),
            _ => throw new Problem("edge/proxy", $"{Problem.Quoted(options.Proxy)} is not a proxy that the edge can drive.", "Choose again: `wherry up --edge own`, `--edge caddy`, or `--edge traefik --traefik-folder PATH`.").AsException(),
        };
    }

    /// <summary>Where a proxy is told, whatever else is said of it.</summary>
    public static string PlaceOf(string proxy) => Parts(proxy) switch
    {
        ["caddy", .. var address] => $"caddy {(address is [var given] ? given : CaddyAdminApi).TrimEnd('/')}",
        ["traefik", var how] when TraefikOptions.Parse(how) is { } traefik => $"traefik {traefik.Folder.TrimEnd('/')}",
        _ => proxy,
    };

    private static string[] Parts(string proxy) => proxy.Split(' ', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static CaddyProxy OpenCaddy(EdgeOptions options, string address, CertificateFolder uploaded, ErrorPages pages)
    {
        var listen = EdgeListen.Of(options);
        var caddyPages = new CaddyPages(pages);
        var handlers = new CaddyHandlers(caddyPages, new CaddyUpstreams(options.ConnectWithin), options.TrustedProxies);
        return new(new CaddyAdmin(address, options.Time), new CaddyRoutes(handlers, caddyPages, options.TrustedProxies, listen.Secure is [var first, ..] ? first.Port : null), new CaddyTls(uploaded), ClosingSign.Of(options.Home, options.Time), listen);
    }

    private static TraefikProxy OpenTraefik(EdgeOptions options, TraefikOptions traefik, CertificateFolder uploaded, InternalAuthority authority)
    {
        var wrong = options.TrustedProxies.Count > 0 ? ("--trusted-proxy", "its entry points' forwardedHeaders.trustedIPs")
            : options.DefaultTlsHost is not null ? ("--default-tls-host", "a default certificate of its TLS store")
            : default((string Option, string There)?);
        return wrong is { } w ? throw new Problem("edge/unsupported", $"{w.Option} does not reach Traefik.", $"Leave it out and configure Traefik itself: {w.There}.").AsException()
            : new(traefik, uploaded, authority, options.Time);
    }
}
