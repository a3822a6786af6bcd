using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http.Features;
using Wherry.Edge.AccessLogs;
using Wherry.Edge.Control;
using Wherry.Edge.Listening;

namespace Wherry.Edge.Proxying;

/// <summary>What the web server calls: public requests go to the proxy, those on the edge's socket to its control API.</summary>
internal sealed class EdgeApplication(Proxy proxy, ControlApi control, AccessLog accessLog, TimeProvider time) : IHttpApplication<EdgeRequest>
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

    public Task ProcessRequestAsync(EdgeRequest context) =>
        context.Http.Features.Get<ControlConnection>() is null ? proxy.HandleAsync(context) : control.HandleAsync(context.Http);

    public void DisposeContext(EdgeRequest context, Exception? exception)
    {
        if (context.Counters is { } counters)
        {
            var http = context.Http;
            var status = context.StatusInstead ?? (exception is null ? http.Response.StatusCode : 500);
            var took = time.GetElapsedTime(context.Start);
            counters.Ended(http.Request.Method, status, took);
            accessLog.Add(new(
                time.GetUtcNow(), http.Request, context.RequestId, context.Service, context.Target, context.Client, status, context.BytesIn, context.BytesOut, took, context.Cut));
        }

        context.Http.Uninitialize();
    }
}
