using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Wherry.Core.Routing;
using Wherry.Edge.AccessLogs;
using Wherry.Edge.Acme.Solving;
using Wherry.Edge.Control;
using Wherry.Edge.Listening;

namespace Wherry.Edge.Proxying;

/// <summary>What the web server calls: public requests go to the proxy, those on the edge's socket to its control API.</summary>
internal sealed class EdgeApplication(Proxy proxy, ControlApi control, HttpChallenges challenges, Http3 http3, AccessLog accessLog, TimeProvider time) : IHttpApplication<EdgeRequest>
{
    public EdgeRequest CreateContext(IFeatureCollection contextFeatures)
    {
        // The server keeps the request of a connection for the next one on it.
        var kept = contextFeatures as IHostContextContainer<EdgeRequest>;
        var request = kept?.HostContext ?? new EdgeRequest(contextFeatures);
        if (kept is not null)
        {
            kept.HostContext = request;
        }

        request.Begin(contextFeatures, time.GetTimestamp());
        return request;
    }

    public Task ProcessRequestAsync(EdgeRequest context)
    {
        if (context.Http.Features.Get<ControlConnection>() is not null)
        {
            return control.HandleAsync(context.Http);
        }

        http3.Advertise(context);
        return Proof(context.Http.Request) is { } proof ? context.Http.Response.WriteAsync(proof) : proxy.HandleAsync(context);
    }

    /// <summary>What an authority wants to find that validates a host; before routes and redirects, since a service must not get in its way.</summary>
    private string? Proof(HttpRequest request) =>
        request.Path.Value is { } path && path.StartsWith(HttpChallenges.PathPrefix, StringComparison.Ordinal)
            ? challenges.Find(RouteTable.NameIn(request.Host.Value ?? ""), path[HttpChallenges.PathPrefix.Length..])
            : null;

    public void DisposeContext(EdgeRequest context, Exception? exception)
    {
        if (context.Counters is { } counters)
        {
            var http = context.Http;
            var status = context.StatusInstead ?? (exception is null ? http.Response.StatusCode : 500);
            var took = time.GetElapsedTime(context.Start);
            if (context.Quiet?.Metrics.Contains(http.Request.Path.Value) == true)
            {
                counters.Left();
            }
            else
            {
                counters.Ended(http.Request.Method, status, took);
                context.Side?.Ended(status, took);
            }

            if (context.Quiet?.Log.Contains(http.Request.Path.Value) != true)
            {
                accessLog.Add(new(
                    time.GetUtcNow(), http.Request, context.RequestId, context.Service, context.Target, context.Client, status, context.BytesIn, context.BytesOut, took, context.Cut));
            }
        }

        context.Http.Uninitialize();
    }
}
