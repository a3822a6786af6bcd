using System.Net;
using Microsoft.AspNetCore.Http;
using Wherry.Core.Model;
using Wherry.Edge.Pages;
using Wherry.Edge.Proxying;
using Yarp.ReverseProxy.Forwarder;

namespace Wherry.Edge.Rules;

/// <summary>A route's rules, ready to be held against requests. Lives as long as the rules stay what they are, over redeploys too.</summary>
internal sealed class RoutePolicy : IDisposable
{
    private readonly NetworkList? _allow;
    private readonly NetworkList? _deny;
    private readonly RequestRates? _rates;
    private readonly BasicPasswords? _passwords;
    private readonly AuthAsker? _asker;

    public RoutePolicy(RouteRules rules, TimeProvider time)
    {
        Rules = rules;
        _allow = rules.Allow is { } allow ? new(allow) : null;
        _deny = rules.Deny is { } deny ? new(deny) : null;
        _rates = rules.RateLimit is { } limit ? new(limit) : null;
        _passwords = rules.BasicAuth is { } users ? new(users, time) : null;
        _asker = rules.ForwardAuth is { } auth ? new(auth) : null;
        Forwarding = rules.SilentFor is { } silent ? new() { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact, ActivityTimeout = silent } : null;
    }

    public RouteRules Rules { get; }

    /// <summary>In place of the edge's; <see langword="null"/>: the edge's.</summary>
    public ForwarderRequestConfig? Forwarding { get; }

    /// <summary>Holds the rules that decide whether a request goes on.</summary>
    /// <returns>True when it was answered here.</returns>
    public async ValueTask<bool> AnswersAsync(EdgeRequest request, ErrorPages pages)
    {
        var http = request.Http;
        if (IsShutOut(request.Client))
        {
            await pages.WriteAsync(request, 403, "This address is not open to you.");
            return true;
        }

        if (_rates?.Refuses(request) is { } wait)
        {
            http.Response.OnStarting(() =>
            {
                http.Response.Headers.RetryAfter = wait;
                return Task.CompletedTask;
            });
            await pages.WriteAsync(request, 429, $"Too many requests. Try again in {wait} s.");
            return true;
        }

        if (Rules.Redirect is { } redirect)
        {
            Redirects.Write(http, Place(redirect.To, http), redirect.Permanent);
            return true;
        }

        if (_passwords is not null)
        {
            if (!await _passwords.AllowsAsync(http.Request, http.RequestAborted))
            {
                http.Response.OnStarting(() =>
                {
                    http.Response.Headers.WWWAuthenticate = "Basic realm=\"restricted\", charset=\"UTF-8\"";
                    return Task.CompletedTask;
                });
                await pages.WriteAsync(request, 401, "A name and a password are needed.");
                return true;
            }

            http.Request.Headers.Remove("Authorization"); // it was for the edge
        }

        switch (_asker is null ? null : await _asker.RefusesAsync(request))
        {
            case null:
                return false;
            case 0:
                await pages.WriteAsync(request, 502, "Whether you may see this could not be found out.");
                return true;
            default:
                return true;
        }
    }

    public void Dispose() => _rates?.Dispose();

    private bool IsShutOut(string client)
    {
        if (_allow is null && _deny is null)
        {
            return false;
        }

        return !IPAddress.TryParse(client, out var address) || _deny?.Contains(address) == true || _allow?.Contains(address) == false;
    }

    /// <summary>A host alone keeps path and query; anything with a path replaces them.</summary>
    private static string Place(string to, HttpContext http) =>
        to.StartsWith('/') || to.IndexOf('/', to.IndexOf("://", StringComparison.Ordinal) + 3) >= 0 ? to : to + RequestPath.AsSent(http);
}
