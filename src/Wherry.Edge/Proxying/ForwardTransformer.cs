using System.Globalization;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Wherry.Core.Model;
using Wherry.Core.Routing;
using Wherry.Edge.Switching;
using Wherry.Edge.Targets;
using Yarp.ReverseProxy.Forwarder;

namespace Wherry.Edge.Proxying;

/// <summary>Points the outgoing request at its target. Headers pass as they are; what the edge adds was added to the incoming request.</summary>
internal sealed class ForwardTransformer(CountingStream incoming) : HttpTransformer
{
    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <summary>Beside those that begin with <c>Content-</c>.</summary>
    private static readonly HashSet<string> AboutBodies = new(["Allow", "Expires", "Last-Modified"], StringComparer.OrdinalIgnoreCase);

    private LiveTarget _target = null!;
    private Route _route = null!;
    private string _pathAndQuery = "/";

    private CancellationTokenSource? _late;
    private string? _visitor;
    private Readers? _readers;
    private BufferedAnswer? _held;
    private TimeProvider _time = TimeProvider.System;

    /// <summary>The target is spoken to in HTTP/2.</summary>
    public bool SpeaksHttp2 => _route.Protocol is RouteProtocol.H2c;

    public void PointAt(LiveTarget target, Route route, string pathAndQuery)
    {
        _route = route;
        _late = null;
        _target = target;
        _pathAndQuery = pathAndQuery;
    }

    public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);

        proxyRequest.RequestUri = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://{_target.PoolName}:{_route.Port}{_pathAndQuery}"), AsWritten);

        if (proxyRequest.Content is not null)
        {
            EagerBody.Handler.Mark(proxyRequest, incoming);
        }

        // HTTP/1.0 clients may send no host; the pool's name would be sent instead.
        proxyRequest.Headers.Host ??= _target.Address;
        proxyRequest.Headers.TryAddWithoutValidation("X-Wherry-Target", _target.Id);
        if (_route.Rules?.RequestHeaders is { } changes)
        {
            Change(proxyRequest, changes);
        }
    }

    /// <summary>Gives the visitor a cookie by which a split service knows him again; <see langword="null"/>: he has one, or needs none.</summary>
    public void Mark(string? visitor) => _visitor = visitor;

    /// <summary>Takes the answer, where that is held back.</summary>
    public void Hold(BufferedAnswer? held) => _held = held;

    /// <summary>Whose targets are divided into those that read and those that write; <see langword="null"/>: they are not.</summary>
    public void Divide(Readers? readers, TimeProvider time)
    {
        _readers = readers;
        _time = time;
    }

    /// <summary>Cancels when the target does not begin to answer in time.</summary>
    public void Await(CancellationTokenSource late) => _late = late;

    public override async ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        _late?.CancelAfter(Timeout.InfiniteTimeSpan);
        var copies = await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        if (proxyResponse is not null && _route is { StripPrefix: true, Path: var prefix } && prefix != PathPrefix.Root && httpContext.Response.Headers.SetCookie is { Count: > 0 } cookies)
        {
            httpContext.Response.Headers.SetCookie = CookiePaths.Below(cookies, prefix.Value, RouteTable.NameIn(httpContext.Request.Host.Value ?? ""));
        }

        if (proxyResponse is not null)
        {
            _held?.Look(proxyResponse);
            _readers?.Answered(httpContext, _time.GetUtcNow());
        }

        if (proxyResponse is not null && _visitor is { } visitor)
        {
            Remember(httpContext, Split.OwnCookie, visitor);
        }

        if (proxyResponse is not null && _route.Rules is { } rules)
        {
            Change(httpContext, rules);
        }

        return copies;
    }

    internal static void Change(HttpRequestMessage request, HeaderChanges changes)
    {
        string[] changed = [.. changes.Remove, .. changes.Set.Keys];
        foreach (var name in changed)
        {
            HeadersFor(request, name)?.Remove(name);
        }

        Lookalikes.Among(request.Headers.NonValidated.Select(h => h.Key), changed).ForEach(name => request.Headers.Remove(name));

        foreach (var (name, value) in changes.Set)
        {
            HeadersFor(request, name)?.TryAddWithoutValidation(name, value);
        }
    }

    /// <summary>What is about the body belongs to it; without a body there is none.</summary>
    private static HttpHeaders? HeadersFor(HttpRequestMessage request, string name) =>
        name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase) || AboutBodies.Contains(name) ? request.Content?.Headers : request.Headers;

    private void Change(HttpContext http, RouteRules rules)
    {
        var headers = http.Response.Headers;
        foreach (var name in rules.ResponseHeaders?.Remove ?? [])
        {
            headers.Remove(name);
        }

        foreach (var (name, value) in rules.ResponseHeaders?.Set ?? new Dictionary<string, string>())
        {
            headers[name] = value;
        }

        if (rules.NoIndex)
        {
            headers["X-Robots-Tag"] = "noindex, nofollow";
        }

        if (rules.StickyCookie is { } cookie && http.Request.Cookies[cookie] != _target.StickyValue)
        {
            Remember(http, cookie, _target.StickyValue);
        }
    }

    private static void Remember(HttpContext http, string cookie, string value) =>
        http.Response.Cookies.Append(cookie, value, new CookieOptions { Path = "/", HttpOnly = true, SameSite = SameSiteMode.Lax, Secure = http.Request.IsHttps });
}
