using System.Diagnostics.CodeAnalysis;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Wherry.Core.Model;
using Wherry.Edge.Metrics;
using Wherry.Edge.Rules;
using Wherry.Edge.Targets;

namespace Wherry.Edge.Proxying;

/// <summary>One request on its way through the edge. Kept with its connection and used again for the next one.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The counting stream holds nothing; the body it is pointed at belongs to the server.")]
internal sealed class EdgeRequest
{
    private readonly ByteCount _bytes = new();
    private readonly CountingResponse _response;
    private readonly CountingStream _body;
    private IPAddress? _peer;
    private string _peerText = "";

    public EdgeRequest(IFeatureCollection features)
    {
        Http = new(features);
        _response = new(_bytes);
        _body = new(_bytes);
        Transformer = new(_body);
    }

    public DefaultHttpContext Http { get; }

    public ForwardTransformer Transformer { get; }

    /// <summary>Timestamp of the time provider.</summary>
    public long Start { get; private set; }

    /// <summary>Where it is counted; set once the service is known.</summary>
    public TrafficCounters? Counters { get; private set; }

    /// <summary>Where it is counted too when its service is split.</summary>
    public SideCounters? Side { get; set; }

    public string? Service { get; private set; }

    public string? Target { get; set; }

    /// <summary>The service's own error pages; <see langword="null"/>: it has none.</summary>
    public IReadOnlyDictionary<string, string>? Pages { get; private set; }

    /// <summary>Address of the client, also behind trusted proxies.</summary>
    public string Client { get; set; } = "";

    public string RequestId { get; set; } = "";

    /// <summary>Who ended it early: <c>client</c>, <c>drain</c>, <c>target</c>.</summary>
    public string? Cut { get; set; }

    /// <summary>What is logged and counted where no answer could be given.</summary>
    public int? StatusInstead { get; set; }

    /// <summary>Targets that refused a connection; the request is tried again elsewhere.</summary>
    public List<LiveTarget> Refused { get; } = [];

    /// <summary>How often it was sent to another target because one broke off.</summary>
    public int Retries { get; set; }

    /// <summary>Its body, where it is kept: it may be read again.</summary>
    public Stream? KeptBody { get; private set; }

    /// <summary>The answer, where it is held back until it is whole.</summary>
    public BufferedAnswer? Held { get; set; }

    /// <summary>What is left out of metrics and log.</summary>
    public QuietRule? Quiet { get; private set; }

    /// <summary>The rules of its route that it has passed; <see langword="null"/>: none yet, or there are none.</summary>
    public RoutePolicy? Policy { get; set; }

    /// <summary>What is sent once more to targets that answer nobody.</summary>
    public MirrorCopy? Copy { get; set; }

    /// <summary>Timestamp of when it met a paused service.</summary>
    public long? HeldSince { get; set; }

    public long BytesIn => _bytes.In;

    public long BytesOut => _bytes.Out;

    public void Begin(IFeatureCollection features, long start)
    {
        Http.Initialize(features);
        Start = start;
        Counters = null;
        Side = null;
        Service = null;
        Pages = null;
        Target = null;
        Cut = null;
        StatusInstead = null;
        Refused.Clear();
        HeldSince = null;
        Policy = null;
        Copy = null;
        Retries = 0;
        KeptBody = null;
        Held = null;
        Quiet = null;
        _bytes.Reset();
    }

    /// <summary>Most bytes of the body; more gives 413, however the body is sent. The server's own limit counts the framing of chunks too.</summary>
    public void LimitBody(long? limit) => _body.Limit = limit;

    /// <summary>From here on its body is kept, up to a limit.</summary>
    public BodyCopy KeepBody(long limit) => _body.Copy = new BodyCopy(limit);

    /// <summary>From here on this is its body; it may be read again.</summary>
    public void ReadFrom(Stream kept) => Http.Request.Body = KeptBody = kept;

    /// <summary>From here on its bytes are counted.</summary>
    public void Count()
    {
        var features = Http.Features;
        features.Set<IHttpResponseBodyFeature>(_response.Around(features.GetRequiredFeature<IHttpResponseBodyFeature>()));
        if (features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true })
        {
            Http.Request.Body = _body.Around(Http.Request.Body);
        }

        if (features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgrade)
        {
            features.Set<IHttpUpgradeFeature>(new CountingUpgrade(upgrade, _bytes));
        }
    }

    /// <summary>Belongs to a service now; a request whose service changed while it was held moves over.</summary>
    public void Enter(string? service, TrafficCounters counters, ServiceRules? rules = null)
    {
        Service = service;
        Pages = rules?.ErrorPages;
        Quiet = rules?.Quiet;
        if (Counters == counters)
        {
            return;
        }

        Counters?.Left();
        Counters = counters;
        counters.Began();
    }

    /// <summary>The peer's address as text; written once per connection.</summary>
    public string PeerText(IPAddress? peer)
    {
        if (!ReferenceEquals(peer, _peer))
        {
            _peer = peer;
            _peerText = peer switch
            {
                null => "",
                { IsIPv4MappedToIPv6: true } => peer.MapToIPv4().ToString(),
                _ => peer.ToString(),
            };
        }

        return _peerText;
    }
}
