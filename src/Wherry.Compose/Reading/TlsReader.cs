using Wherry.Core.Model;
using Wherry.Core.Routing;

namespace Wherry.Compose.Reading;

/// <summary><c>x-wherry.tls</c> and <c>x-wherry.canonical_host</c>.</summary>
internal static class TlsReader
{
    /// <summary><c>true</c>, <c>false</c> or where the certificates come from; or a mapping that says more.</summary>
    /// <param name="routes">Routes of the service, where all of them could be read; else <see langword="null"/>.</param>
    public static TlsSettings? Read(Field? field, IReadOnlyList<FoundRoute>? routes)
    {
        if ((field is { IsMap: true } ? ReadLong(field.Map()!) : ReadShort(field)) is not { } tls)
        {
            return null;
        }

        if (routes is [])
        {
            field!.Wrong("compose/tls-route", "needs a route: TLS is for a service's hosts", "List its hosts under routes, or remove tls.");
        }
        else if (tls.Source == TlsSource.Internal && routes?.FirstOrDefault(r => r.Route.Host is null) is { } open)
        {
            open.Field.Wrong("compose/tls-route", "needs a host: the edge's own authority signs for hosts that it knows", "Write host:, or use tls: uploaded.");
        }

        if (tls.OnDemand is not null && routes is [_, ..] && !OnDemand.HasPlace(routes.Select(r => r.Route)))
        {
            field!.Wrong("compose/tls-on-demand", "obtains certificates for hosts that no route names, and every route names one", "Add a route without host or with a wildcard, or remove on_demand: named hosts get theirs by themselves.");
        }

        return tls;
    }

    /// <inheritdoc cref="Read"/>
    public static HostName? ReadCanonicalHost(Field? field, IReadOnlyList<FoundRoute>? routes)
    {
        var host = field?.Value<HostName>();
        if (host is { IsWildcard: true })
        {
            field!.Wrong("compose/canonical-host", "must be one host, not a wildcard", "Write one of the hosts that the wildcard covers.");
        }
        else if (host is not null && routes?.Any(r => r.Route.Host?.Covers(host) == true) == false)
        {
            field!.Wrong("compose/canonical-host", $"{field.Shown} is not among the service's routes", "Add a route for it, or name the host of a route.");
        }

        return host;
    }

    private static TlsSettings? ReadShort(Field? field) => field?.OneOf("true", "false", "automatic", "uploaded", "internal") is { } text && text != "false" ? new() { Source = Source(text) } : null;

    private static TlsSettings ReadLong(Fields f)
    {
        var settings = new TlsSettings();
        if (f["source"]?.OneOf("automatic", "uploaded", "internal") is { } source)
        {
            settings.Source = Source(source);
        }

        settings.Redirect = f["redirect"]?.Bool() ?? settings.Redirect;
        settings.OnDemand = ReadOnDemand(f["on_demand"], settings.Source);
        f.Close();
        return settings;
    }

    private static string? ReadOnDemand(Field? field, TlsSource source)
    {
        if (field?.Text() is not { } policy)
        {
            return null;
        }

        if (OnDemand.WrongWith(policy) is { } why)
        {
            field.Wrong("compose/tls-on-demand", $"{field.Shown} {why}", "Write a path of the service, such as /tls-allowed, or an address, such as http://policy.internal:8080/allowed.");
        }
        else if (source is not TlsSource.Automatic)
        {
            field.Wrong("compose/tls-on-demand", "goes with automatic certificates only", "Remove source, or on_demand.");
        }

        return policy;
    }

    private static TlsSource Source(string text) => text switch
    {
        "uploaded" => TlsSource.Uploaded,
        "internal" => TlsSource.Internal,
        _ => TlsSource.Automatic,
    };
}
