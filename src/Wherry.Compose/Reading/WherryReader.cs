using Wherry.Core.Model;
using Wherry.Core.Routing;

namespace Wherry.Compose.Reading;

/// <summary><c>x-wherry</c> of a service.</summary>
internal static class WherryReader
{
    /// <param name="spec">The service without its extension; its ports give defaults.</param>
    /// <param name="service">Where its files are read from.</param>
    public static FoundExtension Read(Field? field, ServiceSpec spec, ServiceContext service)
    {
        if (field?.Map() is not { } f)
        {
            return new() { Deploy = spec.Deploy };
        }

        var knownPort = KnownPort(spec);
        var routes = RouteReader.Read(f["routes"], knownPort);
        var tcp = TcpRouteReader.Read(f["tcp"], knownPort);
        var whole = routes.Count == (f["routes"] is { IsList: true } list ? list.Items().Count : 0) ? routes : null; // what could not be read is told once
        var deploy = DeployReader.Read(f["deploy"], spec);
        var found = new FoundExtension
        {
            Routes = routes,
            Tcp = tcp,
            Tls = TlsReader.Read(f["tls"], whole),
            CanonicalHost = TlsReader.ReadCanonicalHost(f["canonical_host"], whole),
            Rules = ServiceRulesReader.Read(f, service),
            Health = HealthReader.Read(f["health"], routes is [var first, ..] ? first.Route.Port : tcp is [var port, ..] ? port.Route.Port : knownPort),
            Deploy = deploy,
            Canary = CanaryReader.Read(f["canary"], spec, f.Has("routes"), deploy),
            Release = f["release"] is { } release ? ReadRelease(release) : null,
            Source = SourceReading.Read(f["source"]),
        };
        f.Close();
        return found;
    }

    /// <summary>The one TCP port that the service is known to listen on, if it is one.</summary>
    private static int? KnownPort(ServiceSpec spec)
    {
        var ports = spec.Expose.Where(e => e.Protocol == "tcp").Select(e => e.Port)
            .Concat(spec.Ports.Where(p => p.Protocol == "tcp").Select(p => p.ContainerPort))
            .Distinct();
        return ports.Take(2).ToList() is [var only] ? only : null;
    }

    private static IReadOnlyList<string>? ReadRelease(Field field)
    {
        var words = field.Words();
        if (words is { Count: 0 })
        {
            field.Wrong("must not be empty", "Write the command, for instance bin/migrate.");
        }

        return words;
    }
}

/// <summary>What <c>x-wherry</c> says.</summary>
internal sealed record FoundExtension
{
    public IReadOnlyList<FoundRoute> Routes { get; init; } = [];

    public IReadOnlyList<FoundTcpRoute> Tcp { get; init; } = [];

    public TlsSettings? Tls { get; init; }

    public HostName? CanonicalHost { get; init; }

    public ServiceRules? Rules { get; init; }

    public HealthSpec? Health { get; init; }

    public DeploySpec Deploy { get; init; } = new();

    public CanarySpec? Canary { get; init; }

    public IReadOnlyList<string>? Release { get; init; }

    public GitSource? Source { get; init; }
}
