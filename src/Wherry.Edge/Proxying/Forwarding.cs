using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Wherry.Edge.Pages;
using Wherry.Edge.Rules;
using Wherry.Edge.Targets;
using Yarp.ReverseProxy.Forwarder;

namespace Wherry.Edge.Proxying;

/// <summary>How forwarding ended.</summary>
internal enum Outcome
{
    /// <summary>The target's answer went out.</summary>
    Done,

    /// <summary>No connection; nothing of the request was sent.</summary>
    Refused,

    /// <summary>The drain time was over.</summary>
    Cut,

    ClientGone,
    TooLarge,
    Malformed,
    TimedOut,

    /// <summary>More than the route holds back.</summary>
    AnswerTooLarge,

    /// <summary>The disk took no more of an answer that is held back.</summary>
    AnswerNotKept,

    /// <summary>The target broke the connection or the protocol.</summary>
    Broken,
}

/// <summary>Hands a claimed request to its target, and says in the edge's words what went wrong.</summary>
internal sealed partial class Forwarding(IHttpForwarder forwarder, Upstream upstream, ErrorPages pages, EdgeOptions options, Compression compression, Mirroring mirroring, ILogger<Forwarding> logger)
{
    private readonly ForwarderRequestConfig _config = new()
    {
        Version = System.Net.HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        ActivityTimeout = options.SilentFor,
    };

    public Mirroring Mirroring => mirroring;

    public BodyBuffers Buffers { get; } = new(options.BuffersPath, new(options.Home, options.BuffersMaxBytes, options.Time, logger));

    /// <summary>Longest silence that this request is given.</summary>
    public TimeSpan SilenceOf(EdgeRequest request) => (request.Policy?.Forwarding ?? _config).ActivityTimeout ?? options.SilentFor;

    public async Task<Outcome> SendAsync(EdgeRequest request, string service, LiveTarget target)
    {
        var http = request.Http;
        using var late = Late(request, target);
        var held = Buffers.HoldAnswer(request);
        request.Transformer.Hold(held);
        var ct = late?.Token ?? target.Cut;
        var error = request.Policy?.Rules.Compress == true ? await CompressedAsync(request, ct) : await PlainAsync(request, ct);
        if (error is ForwarderError.None)
        {
            Weigh(service, target, failed: http.Response.StatusCode >= 500);
            request.Held = held;
            return Outcome.Done;
        }

        held?.StandAside();
        var exception = http.GetForwarderErrorFeature()?.Exception;
        var outcome = late is { IsCancellationRequested: true } && !target.Cut.IsCancellationRequested ? Outcome.TimedOut : held is { TooLarge: true } ? Outcome.AnswerTooLarge : held is { NotKept: true } ? Outcome.AnswerNotKept : Judge(http, target, error, exception);
        if (held is not null)
        {
            await held.DisposeAsync();
        }

        if (outcome is Outcome.Refused)
        {
            var why = exception!.GetBaseException().Message;
            LogRefused(service, target.Id, why);
            target.Failed(why);
        }

        if (outcome is Outcome.Refused or Outcome.TimedOut or Outcome.Broken)
        {
            Weigh(service, target, failed: true);
        }

        request.Cut = outcome switch
        {
            Outcome.ClientGone => "client",
            Outcome.Cut => "drain",
            Outcome.Broken or Outcome.TimedOut or Outcome.Refused or Outcome.AnswerTooLarge => "target",
            _ => null,
        };
        if (outcome is Outcome.ClientGone && !http.Response.HasStarted)
        {
            request.StatusInstead = 499;
        }

        return outcome;
    }

    private void Weigh(string service, LiveTarget target, bool failed)
    {
        if (target.Answered(failed) is { } outFor)
        {
            LogOut(service, target.Id, outFor);
        }
    }

    private ValueTask<ForwarderError> PlainAsync(EdgeRequest request, CancellationToken ct) =>
        forwarder.SendAsync(request.Http, "http://target", upstream.Invoker, Config(request), request.Transformer, ct);

    private ForwarderRequestConfig Config(EdgeRequest request)
    {
        var config = request.Policy?.Forwarding ?? _config;
        return request.Transformer.SpeaksHttp2 ? config with { Version = System.Net.HttpVersion.Version20 } : config;
    }

    private Task<ForwarderError> CompressedAsync(EdgeRequest request, CancellationToken ct) => compression.AroundAsync(request.Http, () => PlainAsync(request, ct).AsTask());

    /// <summary>Ends the request when the target does not begin to answer in the time that the route gives it; <see langword="null"/>: it gives none.</summary>
    private static CancellationTokenSource? Late(EdgeRequest request, LiveTarget target)
    {
        if (request.Policy?.Rules.FirstByteWithin is not { } within)
        {
            return null;
        }

        var late = CancellationTokenSource.CreateLinkedTokenSource(target.Cut);
        late.CancelAfter(within);
        request.Transformer.Await(late);
        return late;
    }

    /// <summary>Answers for the target, or breaks off an answer that has begun.</summary>
    public async Task ExplainAsync(EdgeRequest request, Outcome outcome)
    {
        if (request.Http.Response.HasStarted)
        {
            request.Http.Abort();
            return;
        }

        var (status, message) = outcome switch
        {
            Outcome.Cut => (504, "The service was replaced before it had answered."),
            Outcome.TooLarge => (413, "The request is larger than this service takes."),
            Outcome.Malformed => (400, "The request's body is malformed."),
            Outcome.AnswerTooLarge => (500, "The service's answer is larger than allowed."),
            Outcome.AnswerNotKept => (507, "The service's answer cannot be kept."),
            Outcome.TimedOut => (504, "The service did not answer in time."),
            Outcome.Refused => (502, "The service cannot be reached."),
            _ => (502, "The service broke off the connection."),
        };
        await pages.WriteAsync(request, status, message);
    }

    private static Outcome Judge(HttpContext http, LiveTarget target, ForwarderError error, Exception? exception) => error switch
    {
        // Before the client is looked at: the forwarder itself breaks it off when the target breaks off, or is cut.
        _ when target.Cut.IsCancellationRequested => Outcome.Cut,
        ForwarderError.ResponseBodyDestination => Outcome.Broken,
        _ when http.RequestAborted.IsCancellationRequested => Outcome.ClientGone,
        ForwarderError.Request when exception is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => Outcome.Refused,
        ForwarderError.RequestBodyClient when http.Response.StatusCode == StatusCodes.Status413PayloadTooLarge => Outcome.TooLarge,
        ForwarderError.RequestBodyClient => Outcome.Malformed,
        ForwarderError.RequestTimedOut or ForwarderError.UpgradeActivityTimeout => Outcome.TimedOut,
        ForwarderError.ResponseBodyClient or ForwarderError.UpgradeRequestClient or ForwarderError.UpgradeResponseClient => Outcome.ClientGone,
        _ => Outcome.Broken,
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Service}: target {Target} refused a connection: {Why}")]
    private partial void LogRefused(string service, string target, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Service}: target {Target} leaves the rotation for {OutFor}: too many of its answers in a row failed")]
    private partial void LogOut(string service, string target, TimeSpan outFor);
}
