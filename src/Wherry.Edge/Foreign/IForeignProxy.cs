using System.Net;
using Wherry.Core.Routing;
using Wherry.Edge.Switching;

namespace Wherry.Edge.Foreign;

/// <summary>A proxy that somebody else wrote and the operator runs: takes the visitors in the edge's place, and is told what to do with them.</summary>
internal interface IForeignProxy : IDisposable
{
    /// <summary>As its makers write it.</summary>
    string Name { get; }

    /// <summary>Where it is told.</summary>
    string Address { get; }

    /// <summary>Whether its own authority signs for internal names; else the edge's does.</summary>
    bool SignsItself { get; }

    /// <summary>What a service asks for and this proxy cannot do. None: all of it is done.</summary>
    IEnumerable<Unsupported> Refusals(EdgeService service);

    /// <summary>What of a closed service's state it cannot do.</summary>
    IEnumerable<Unsupported> Refusals(Admission.State state);

    /// <summary>Says whether it answers, and whether what others configured in it leaves room for a service. Changes nothing.</summary>
    /// <param name="service">With those routes only that it does not serve already.</param>
    /// <param name="ct">Ends the asking.</param>
    /// <exception cref="Wherry.Core.Problems.ProblemException"><c>edge/proxy-away</c>, <c>edge/proxy-refused</c>, <c>edge/traefik-folder</c>.</exception>
    Task CheckAsync(EdgeService service, CancellationToken ct);

    /// <summary>Brings it to this state in one step; what others configured stays as it is.</summary>
    /// <returns>False when it was in this state already, and nothing was touched.</returns>
    /// <exception cref="Wherry.Core.Problems.ProblemException"><c>edge/proxy-away</c>, <c>edge/proxy-refused</c>, <c>edge/traefik-folder</c>; it serves on as before.</exception>
    Task<bool> ApplyAsync(ForeignState state, CancellationToken ct);

    /// <summary>Takes out everything that <see cref="ApplyAsync"/> ever put in.</summary>
    /// <exception cref="Wherry.Core.Problems.ProblemException"><c>edge/proxy-away</c>, <c>edge/proxy-refused</c>.</exception>
    Task LeaveAsync(CancellationToken ct);

    /// <summary>How many requests each target works on that serves or leaves; <see langword="null"/>: it does not tell.</summary>
    /// <exception cref="Wherry.Core.Problems.ProblemException"><c>edge/proxy-away</c>.</exception>
    Task<IReadOnlyDictionary<IPEndPoint, int>?> InFlightAsync(CancellationToken ct);
}

/// <summary>Everything that a foreign proxy shall do.</summary>
/// <param name="Services">Those that are served; one whose time in maintenance is over runs.</param>
/// <param name="Leaving">Targets that get no new requests and may still work on old ones: what counts requests must not forget them.</param>
internal sealed record ForeignState(IReadOnlyList<SavedService> Services, IReadOnlyCollection<IPEndPoint> Leaving)
{
    public static ForeignState Empty { get; } = new([], []);

    /// <summary>Where requests go.</summary>
    public static HashSet<IPEndPoint> TargetsOf(IReadOnlyList<SavedService> services) => [.. services.SelectMany(s => EndpointsOf(s.Service)).Select(e => e.At)];

    /// <summary>Where the requests of a service go, and whose targets these are.</summary>
    public static IEnumerable<(string Target, IPEndPoint At)> EndpointsOf(EdgeService service) =>
        from target in service.Targets
        from port in service.Routes.Select(r => r.Port).Concat((service.Tcp ?? []).Select(t => t.Port)).Distinct()
        select (target.Id, new IPEndPoint(IPAddress.Parse(target.Address), port));
}

/// <summary>Something that a proxy cannot do.</summary>
/// <param name="What">As the service's file names it, for instance <c>rate_limit</c>.</param>
/// <param name="Instead">What to do about it, when more can be said than to leave it out or to let Wherry's own edge serve.</param>
internal sealed record Unsupported(string What, string? Instead = null);
