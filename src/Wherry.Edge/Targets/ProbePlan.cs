using Wherry.Core.Model;
using Wherry.Core.Routing;

namespace Wherry.Edge.Targets;

/// <summary>A probe with its defaults resolved for one target.</summary>
/// <param name="Path"><see langword="null"/>: an accepted connection is enough.</param>
/// <param name="Http2">The port speaks HTTP/2 without TLS.</param>
internal sealed record ProbePlan(string? Path, int Port, string Host, TimeSpan Interval, TimeSpan Timeout, bool Http2)
{
    public static ProbePlan Of(EdgeService service, Target target)
    {
        var probe = service.Probe;
        var host = probe.Host is { Length: > 0 } asked ? asked : service.Routes.FirstOrDefault(r => r.Host is { IsWildcard: false })?.Host?.Value;
        return new(probe.Path, PortOf(service), host ?? target.Address, probe.Interval, probe.Timeout, service.Routes.Any(r => r.Port == PortOf(service) && r.Protocol is RouteProtocol.H2c));
    }

    /// <summary>Where a service is probed.</summary>
    public static int PortOf(EdgeService service) => service.Probe.Port ?? (service.Routes is [var first, ..] ? first.Port : service.Tcp![0].Port);
}
