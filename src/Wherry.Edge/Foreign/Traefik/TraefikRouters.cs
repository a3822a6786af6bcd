namespace Wherry.Edge.Foreign.Traefik;

/// <summary>Routers of all services, each on the entry points that it needs.</summary>
internal sealed class TraefikRouters(TraefikOptions options)
{
    private readonly SortedDictionary<string, TraefikRouter> _all = new(StringComparer.Ordinal);

    public SortedDictionary<string, TraefikRouter> All => _all;

    /// <summary>Whether one of them needs <see cref="TraefikNames.ToHttps"/>.</summary>
    public bool SendsToHttps { get; private set; }

    /// <summary>Over TLS where the place is served so, and in plain HTTP, or from there to https.</summary>
    public void Add(RouterPlace place, IReadOnlyList<string> middlewares, string service)
    {
        if (place is { OverTls: not null, OnlyTls: true })
        {
            SendsToHttps = true;
            AddEach(place, [TraefikNames.ToHttps], middlewares, TraefikNames.Nobody, service);
        }
        else
        {
            AddEach(place, middlewares, middlewares, service, service);
        }
    }

    /// <summary>Sends all of it to another host; a plain request at once to https where that is due, in one step.</summary>
    public void AddElsewhere(RouterPlace place, IReadOnlyList<string> sameScheme, IReadOnlyList<string> toHttps) =>
        AddEach(place, place is { OverTls: not null, OnlyTls: true } ? toHttps : sameScheme, sameScheme, TraefikNames.Nobody, TraefikNames.Nobody);

    private void AddEach(RouterPlace place, IReadOnlyList<string> plain, IReadOnlyList<string> overTls, string plainService, string tlsService)
    {
        _all[place.Name] = new([options.HttpEntryPoint], place.Rule.Text, place.Rule.Priority, Some(plain), plainService, null);
        if (place.OverTls is { } tls)
        {
            _all[place.Name + "~tls"] = new([options.TlsEntryPoint], place.Rule.Text, place.Rule.Priority, Some(overTls), tlsService, tls);
        }
    }

    private static IReadOnlyList<string>? Some(IReadOnlyList<string> names) => names.Count == 0 ? null : names;
}

/// <summary>Requests of one route, or some of them.</summary>
/// <param name="OverTls"><see langword="null"/>: they are not served over TLS.</param>
/// <param name="OnlyTls">Plain ones are sent there.</param>
internal sealed record RouterPlace(string Name, TraefikRule Rule, RouterTls? OverTls, bool OnlyTls);
