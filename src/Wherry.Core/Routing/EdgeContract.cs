using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Wherry.Core.Health;
using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Core.Routing;

/// <summary>What the server tells the edge about one service: the body of <c>PUT /services/{key}</c>.</summary>
/// <remarks>The key is <c>project.environment.service</c>. The call answers when the new targets are healthy and the old ones have drained, or with a <see cref="Problem"/>, in which case nothing changed.
/// What has a default is <c>set</c>, not <c>init</c>: the generated JSON reader gives an <c>init</c> property that is left out the type's zero, not its default.</remarks>
public sealed record EdgeService
{
    public required IReadOnlyList<Route> Routes { get; init; }

    /// <summary>Ports of the edge that lead to it byte for byte. A service needs a route or one of these. Default: none.</summary>
    public IReadOnlyList<TcpRoute>? Tcp { get; set; }

    /// <summary>Replicas that shall take the traffic; none: the service is known but stopped and answers 503. A target that is already serving under the same id, address and ports is neither probed again nor drained.</summary>
    public required IReadOnlyList<Target> Targets { get; init; }

    public Probe Probe { get; set; } = new();

    /// <summary>Time that requests in flight on the old targets get before they are cut. Default 30 s.</summary>
    public TimeSpan DrainFor { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Largest request body; larger ones get 413. Default: no limit.</summary>
    public long? MaxBodyBytes { get; set; }

    /// <summary>How its hosts are served over TLS. Default: not at all; who asks over TLS is refused in the handshake.</summary>
    public TlsSettings? Tls { get; set; }

    /// <summary>The one host of this service that others are sent to, for instance <c>example.com</c> for <c>www.example.com</c>. Must be among its routes. Default: all hosts serve.</summary>
    public HostName? CanonicalHost { get; set; }

    /// <summary>Gives a share of the visitors to some of the targets. Default: all targets take turns.</summary>
    public TrafficSplit? Split { get; set; }

    /// <summary>What the edge does for the service as a whole. Default: nothing.</summary>
    public ServiceRules? Rules { get; set; }

    /// <summary>Ids of the targets that only read, where the rules divide them. Others may be named; where no target would be left that writes, all do.</summary>
    public IReadOnlyList<string>? Readers { get; set; }

    /// <summary>Folder below <c>files/</c> in the edge's home, from which its rules let files be served: <c>key/version</c>. Where it is missing, its targets answer.</summary>
    public string? Files { get; set; }

    /// <summary>Keys of services that give up what this one claims, in the same moment; one that keeps no route is removed and drained. Of this call only: it is not kept. Default: none.</summary>
    public IReadOnlyList<string>? TakesFrom { get; set; }
}

/// <summary>One replica as the edge sees it.</summary>
/// <param name="Id">Id of the replica: the container's id, or any text of letters, digits and <c>. _ -</c>.</param>
/// <param name="Address">IP address; the port is the route's.</param>
public sealed record Target(string Id, string Address);

/// <summary>How the edge asks a target whether it is well.</summary>
public sealed record Probe
{
    /// <summary>Path of an HTTP GET; 2xx and 3xx pass. <see langword="null"/>: the port accepts a connection.</summary>
    public string? Path { get; set; }

    /// <summary>Default: the port of the first route, else of the first TCP route.</summary>
    public int? Port { get; set; }

    /// <summary><c>Host</c> header. Default: the first route's host that is not a wildcard, else the address.</summary>
    public string? Host { get; set; }

    /// <summary>Pause between probes. Default 1 s; while the gate waits it probes faster, starting at 50 ms.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest time of one probe. Default 5 s.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest time the gate waits for all new targets. Default 60 s.</summary>
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(60);
}

/// <summary>The answer of a switch.</summary>
/// <param name="Switched">Targets that serve now.</param>
/// <param name="Drained">Requests that were in flight on old targets and finished.</param>
/// <param name="Cut">Requests that outlived the drain time and were answered 504 or closed.</param>
/// <param name="GateTook">From the call to all new targets being healthy.</param>
/// <param name="DrainTook">From the switch to the last old target being idle.</param>
public sealed record SwitchReport(IReadOnlyList<string> Switched, int Drained, int Cut, TimeSpan GateTook, TimeSpan DrainTook);

/// <summary>Whether a service takes requests.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ServiceMode>))]
public enum ServiceMode
{
    Running,

    /// <summary>Requests are held until resumed, or answered 504 after the pause's limit.</summary>
    Paused,

    /// <summary>Requests are answered 503 with the operator's message.</summary>
    Maintenance,
}

/// <summary>A service as the edge has it: the answer of <c>GET /services/{key}</c>.</summary>
public sealed record EdgeServiceState
{
    public required string Key { get; init; }

    public required EdgeService Service { get; init; }

    public required ServiceMode Mode { get; init; }

    /// <summary>The operator's message in maintenance.</summary>
    public string? Message { get; init; }

    /// <summary>Addresses and networks that get through all the same.</summary>
    public IReadOnlyList<string>? Allow { get; init; }

    /// <summary>When it runs again by itself; <see langword="null"/>: when somebody says so.</summary>
    public DateTimeOffset? Until { get; init; }

    public required IReadOnlyList<TargetState> Targets { get; init; }

    /// <summary>Its traffic since the edge started.</summary>
    public TrafficTotal Traffic { get; set; } = TrafficTotal.None;

    /// <summary>Side by side, while its traffic is split.</summary>
    public SplitTraffic? Split { get; set; }
}

/// <summary>Finished requests of a service.</summary>
/// <param name="Failed">Those that were answered 5xx, by the service or by the edge for it.</param>
public sealed record TrafficTotal(long Requests, long Failed)
{
    public static TrafficTotal None { get; } = new(0, 0);

    /// <summary>What came since <paramref name="earlier"/>; an edge that was started again in between counts from its start.</summary>
    public TrafficTotal Since(TrafficTotal earlier) => Requests < earlier.Requests || Failed < earlier.Failed ? this : new(Requests - earlier.Requests, Failed - earlier.Failed);
}

/// <summary>One target of a service now.</summary>
/// <param name="Healthy">Its last probes passed; an unhealthy one is out of the rotation.</param>
/// <param name="Draining">Switched away from and finishing what is in flight.</param>
/// <param name="LastError">Why the last probe failed.</param>
public sealed record TargetState(string Id, string Address, bool Healthy, bool Draining, int InFlight, string? LastError);

/// <summary>Body of <c>POST /services/{key}/pause</c>.</summary>
/// <param name="MaxWait">Longest time one request is held. Default 30 s.</param>
/// <param name="Allow">Addresses and networks whose requests go on. Default: nobody's.</param>
/// <param name="Until">When the service resumes by itself. Default: when it is told to.</param>
public sealed record PauseRequest(TimeSpan? MaxWait, IReadOnlyList<string>? Allow = null, DateTimeOffset? Until = null);

/// <summary>Body of <c>POST /services/{key}/maintenance</c>.</summary>
/// <param name="Message">Shown on the 503 page.</param>
/// <param name="Allow">Addresses and networks that get the service all the same. Default: nobody.</param>
/// <param name="Until">When the service runs again by itself; visitors get it as <c>Retry-After</c>. Default: when it is told to.</param>
public sealed record MaintenanceRequest(string? Message, IReadOnlyList<string>? Allow = null, DateTimeOffset? Until = null);

/// <summary>The answer of <c>GET /health</c>.</summary>
/// <param name="Version">Version of the edge.</param>
/// <param name="Listen">Addresses that take public traffic, with the real port where 0 was asked for.</param>
/// <param name="Services">How many services are known.</param>
/// <param name="ListenTls">Those of them that speak TLS.</param>
/// <param name="Acme">Why no certificates are obtained though somebody said which authority signs; <see langword="null"/>: they are, or nobody did.</param>
/// <param name="ListenHttp3">Those over UDP for HTTP/3.</param>
/// <param name="Http3">Why nothing, or not all of it, is served over HTTP/3 though there is TLS.</param>
/// <param name="Proxy">The proxy of somebody else's that serves in the edge's place; <see langword="null"/>: the edge serves by itself.</param>
public sealed record EdgeHealth(
    string Version,
    IReadOnlyList<string> Listen,
    int Services,
    IReadOnlyList<string>? ListenTls = null,
    EdgeProblem? Acme = null,
    IReadOnlyList<string>? ListenHttp3 = null,
    EdgeProblem? Http3 = null,
    EdgeProxy? Proxy = null);

/// <summary>A foreign proxy that the edge drives.</summary>
/// <param name="Name"><c>Caddy</c> or <c>Traefik</c>.</param>
/// <param name="Address">Where it is told what to serve.</param>
/// <param name="Problem">Why it does not do as it was told; <see langword="null"/>: it does.</param>
public sealed record EdgeProxy(string Name, string Address, EdgeProblem? Problem = null);

/// <summary>A problem as the edge answers it.</summary>
/// <param name="Probes">The last probe of each target that was not well, when the gate failed.</param>
public sealed record EdgeProblem(string Code, string Message, string Hint, IReadOnlyList<ProbeReport>? Probes = null)
{
    [return: NotNullIfNotNull(nameof(problem))]
    public static EdgeProblem? Of(Problem? problem) => problem is null ? null : new(problem.Code, problem.Message, problem.Hint);

    public static EdgeProblem Of(ProblemException e) => new(e.Problem.Code, e.Problem.Message, e.Problem.Hint, e.Probes.Count > 0 ? e.Probes : null);

    public ProblemException AsException() => new(new Problem(Code, Message, Hint)) { Probes = Probes ?? [] };
}

/// <summary>Source-generated JSON of the edge's socket and state file.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EdgeService))]
[JsonSerializable(typeof(EdgeServiceState))]
[JsonSerializable(typeof(IReadOnlyList<EdgeServiceState>))]
[JsonSerializable(typeof(SwitchReport))]
[JsonSerializable(typeof(PauseRequest))]
[JsonSerializable(typeof(MaintenanceRequest))]
[JsonSerializable(typeof(UploadCertificate))]
[JsonSerializable(typeof(CertificateState))]
[JsonSerializable(typeof(IReadOnlyList<CertificateState>))]
[JsonSerializable(typeof(IReadOnlyList<ServiceTraffic>))]
[JsonSerializable(typeof(AcmeKeyRolled))]
[JsonSerializable(typeof(EdgeHealth))]
[JsonSerializable(typeof(EdgeProblem))]
[JsonSerializable(typeof(Problem))]
public sealed partial class EdgeJson : JsonSerializerContext;
