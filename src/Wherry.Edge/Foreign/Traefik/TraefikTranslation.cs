using System.Net;
using Wherry.Core.Model;
using Wherry.Core.Routing;
using Wherry.Edge.Switching;

namespace Wherry.Edge.Foreign.Traefik;

/// <summary>From what shall be served to Traefik's dynamic configuration. Pure, and the same whatever the order of the services.</summary>
internal sealed class TraefikTranslation
{
    private readonly SortedDictionary<string, TraefikMiddleware> _middlewares = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, TraefikService> _services = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, ServersTransport> _transports = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, TcpRouter> _tcpRouters = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, TcpService> _tcpServices = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, TcpMiddleware> _tcpMiddlewares = new(StringComparer.Ordinal);
    private readonly TraefikRouters _routers;
    private readonly TraefikOptions _options;
    private readonly Func<TlsSettings, HostName, bool> _hasCertificate;

    private TraefikTranslation(TraefikOptions options, Func<TlsSettings, HostName, bool> hasCertificate) => (_routers, _options, _hasCertificate) = (new(options), options, hasCertificate);

    /// <param name="services">Those that are served; of what <see cref="TraefikRefusals"/> names they have nothing.</param>
    /// <param name="options">How Traefik is set up.</param>
    /// <param name="certificates">Files with the certificates that come from us.</param>
    /// <param name="hasCertificate">Whether a host's certificate is among them; the others come from Traefik's resolver.</param>
    public static TraefikConfiguration Of(IReadOnlyList<SavedService> services, TraefikOptions options, IReadOnlyList<TraefikCertificate> certificates, Func<TlsSettings, HostName, bool> hasCertificate)
    {
        var translation = new TraefikTranslation(options, hasCertificate);
        var secure = new SecureHosts(services.Select(s => (s.Key, s.Service.Routes, s.Service.Tls)));
        foreach (var saved in services)
        {
            for (var i = 0; i < saved.Service.Routes.Count; i++)
            {
                translation.AddRoute(saved, i, secure.Find(saved.Service.Routes[i].Host));
            }

            foreach (var route in saved.Service.Tcp ?? [])
            {
                translation.AddTcp(saved, route);
            }
        }

        return translation.Written(certificates);
    }

    private void AddRoute(SavedService saved, int number, TlsSettings? tls)
    {
        var route = saved.Service.Routes[number];
        var parts = new TraefikMiddlewares(saved.Key, number);
        var place = new RouterPlace(TraefikNames.OfRoute(saved.Key, number), TraefikRule.Of(route), tls is null ? null : Tls(tls, route.Host), tls?.Redirect == true);
        if (saved.Service.CanonicalHost is { } canonical && canonical != route.Host)
        {
            _routers.AddElsewhere(place, parts.Canonical(canonical, toHttps: false), parts.Canonical(canonical, toHttps: true));
            place = place with { Name = place.Name + "~canonical", Rule = place.Rule.ForHost(canonical) };
        }

        // A route for another host than the canonical one serves nobody.
        if (saved.Service.CanonicalHost is not { } one || route.Host?.Covers(one) != false)
        {
            AddAnswers(saved, number, parts, place);
        }

        Copy(parts.All, _middlewares);
    }

    private void AddAnswers(SavedService saved, int number, TraefikMiddlewares parts, RouterPlace place)
    {
        var (service, route) = (saved.Service, saved.Service.Routes[number]);
        var admission = parts.Admission(route.Rules);
        if (route.Rules?.Redirect is { } redirect)
        {
            _routers.Add(place, [.. admission, .. parts.Redirect(redirect)], TraefikNames.Nobody);
            return;
        }

        IReadOnlyList<string> asked = [.. admission, .. parts.Passwords(route.Rules)];
        if (TraefikServices.Answering(service).Count == 0)
        {
            _middlewares[TraefikNames.Stopped] = new() { IpAllowList = TraefikMiddlewares.Closed(null) };
            _routers.Add(place, [.. asked, TraefikNames.Stopped], TraefikNames.Nobody);
            return;
        }

        var handling = parts.Handling(route, service);
        var targets = new TraefikServices(saved.Key, number, route, service);
        var open = targets.Add();
        if (saved.Mode is not ServiceMode.Running)
        {
            if (HealthPath(route, service) is { } health)
            {
                _routers.Add(place with { Name = place.Name + "~health", Rule = place.Rule.ForPath(health) }, [.. asked, .. handling], open);
            }

            asked = [.. asked, .. parts.Maintenance(saved.Allow)];
        }

        _routers.Add(place, [.. asked, .. handling], open);
        if (targets.AddMirror(open) is { } mirrored)
        {
            _routers.Add(place with { Name = place.Name + "~mirrored", Rule = place.Rule.ForMethods(service.Split!.Mirror!.Methods) }, [.. asked, .. handling], mirrored);
        }

        Copy(targets.All, _services);
        Copy(targets.Transports, _transports);
    }

    /// <summary>The health path as it is asked for through this route; it stays open, so that a load balancer in front does not take the whole machine out because of one service.</summary>
    private static string? HealthPath(Route route, EdgeService service)
    {
        if (service.Probe.Path is not { } path || route.Rules?.AddPrefix is not null)
        {
            return null;
        }

        var whole = route.StripPrefix && route.Path != PathPrefix.Root ? route.Path.Value + path : path;
        var isBelow = route.Path == PathPrefix.Root || whole == route.Path.Value || whole.StartsWith(route.Path.Value + "/", StringComparison.Ordinal);
        return isBelow && TraefikRule.CanMatchPath(whole) ? whole : null;
    }

    private RouterTls Tls(TlsSettings settings, HostName? host) => settings.Source is TlsSource.Automatic && _options.Resolver is { } resolver && host is not null && !_hasCertificate(settings, host)
        ? new(TraefikNames.TlsOptions, resolver, [new(host.Value)])
        : new(TraefikNames.TlsOptions, null, null);

    private void AddTcp(SavedService saved, TcpRoute route)
    {
        var targets = TraefikServices.ForTcp(saved.Service);
        var closed = saved.Mode is not ServiceMode.Running;
        if (targets.Count == 0 || (closed && saved.Allow is not { Count: > 0 }))
        {
            return; // without a router Traefik closes what comes
        }

        var name = TraefikNames.OfTcp(saved.Key, route);
        _tcpRouters[name] = new([TraefikNames.EntryPoint(route)], "HostSNI(`*`)", closed ? [name] : null, name);
        _tcpServices[name] = new(new([.. targets.Select(t => new TcpServer(new IPEndPoint(IPAddress.Parse(t.Address), route.Port).ToString()))], route.SendProxy is { } version ? new(version) : null));
        if (closed)
        {
            _tcpMiddlewares[name] = new(TraefikMiddlewares.Open(saved.Allow!, null));
        }
    }

    private static void Copy<T>(IReadOnlyDictionary<string, T> from, SortedDictionary<string, T> to)
    {
        foreach (var (name, what) in from)
        {
            to[name] = what;
        }
    }

    private TraefikConfiguration Written(IReadOnlyList<TraefikCertificate> certificates)
    {
        if (_routers.SendsToHttps)
        {
            _middlewares[TraefikNames.ToHttps] = new() { RedirectScheme = new("https", Permanent: true) };
        }

        return new(
            _routers.All.Count == 0 ? null : new(_routers.All, Some(_middlewares), Some(_services), Some(_transports)),
            _tcpRouters.Count == 0 ? null : new(_tcpRouters, _tcpServices, Some(_tcpMiddlewares)),
            new(certificates.Count == 0 ? null : certificates, new SortedDictionary<string, TlsOptions>(StringComparer.Ordinal) { [TraefikNames.TlsOptions] = new("VersionTLS12") }));
    }

    private static SortedDictionary<string, T>? Some<T>(SortedDictionary<string, T> all) => all.Count == 0 ? null : all;
}
