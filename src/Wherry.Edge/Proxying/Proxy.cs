using Microsoft.AspNetCore.Http;
using Wherry.Core.Model;
using Wherry.Core.Routing;
using Wherry.Edge.Metrics;
using Wherry.Edge.Pages;
using Wherry.Edge.Switching;
using Wherry.Edge.Targets;

namespace Wherry.Edge.Proxying;

/// <summary>The way of a public request: find its service, be let in, claim a target, forward.</summary>
internal sealed class Proxy(TrafficSwitch traffic, Forwarding forwarding, ForwardedHeaders forwarded, ErrorPages pages, TrafficCounters unrouted, TimeProvider time)
{
    public async Task HandleAsync(EdgeRequest request)
    {
        var http = request.Http;
        request.Count();
        forwarded.Apply(request);
        LiveTarget? refused = null;
        long? heldSince = null;
        while (true)
        {
            var snapshot = traffic.Snapshot;
            if (snapshot.Routes.Find(http.Request.Host.Value ?? "", http.Request.Path.Value ?? "/") is not { } match)
            {
                request.Enter(null, unrouted);
                await AnswerAsync(request, 404, "Nothing is served at this address.");
                return;
            }

            var slot = snapshot.Services[match.Key];
            request.Enter(slot.Key, slot.Counters);
            var path = RequestPath.ForTarget(http, match.Route);
            var admission = slot.Admission.Now;
            if (admission.Mode is not ServiceMode.Running)
            {
                heldSince ??= time.GetTimestamp();
                if (await AnswersWhileClosedAsync(request, slot, admission, path) || !await HoldAsync(request, admission, heldSince.Value))
                {
                    return;
                }

                continue;
            }

            if (slot.Stopped)
            {
                await AnswerAsync(request, 503, "This service is stopped.");
                return;
            }

            if (http.Request.ContentLength > slot.Service.MaxBodyBytes)
            {
                await AnswerAsync(request, 413, "The request is larger than this service takes.");
                return;
            }

            request.LimitBody(slot.Service.MaxBodyBytes);

            if (slot.Claim(except: refused) is { } target)
            {
                if (await ForwardAsync(request, slot, target, match.Route, path, mayRetry: refused is null))
                {
                    return;
                }

                refused = target;
            }
            else if (refused is not null && ReferenceEquals(snapshot, traffic.Snapshot))
            {
                await AnswerAsync(request, 502, "The service cannot be reached.");
                return;
            }

            // Otherwise a switch came between the look at the table and the claim: look again.
        }
    }

    /// <returns>False when the target refused the connection and another may be tried.</returns>
    private async Task<bool> ForwardAsync(EdgeRequest request, ServiceSlot slot, LiveTarget target, Route route, string path, bool mayRetry)
    {
        request.Target = target.Id;
        request.Transformer.PointAt(target, route.Port, path);
        var outcome = Outcome.Done;
        try
        {
            outcome = await forwarding.SendAsync(request, slot.Key, target);
        }
        finally
        {
            target.Release();
        }

        switch (outcome)
        {
            case Outcome.Done:
                return true;
            case Outcome.Refused when mayRetry:
                // The forwarder left its verdict there, and takes no request that has one.
                request.Http.Response.StatusCode = StatusCodes.Status200OK;
                request.Cut = null;
                return false;
            case Outcome.ClientGone:
                return true;
            default:
                await forwarding.ExplainAsync(request, outcome);
                return true;
        }
    }

    /// <summary>A load balancer in front must not take the whole machine out because one service is paused: its health path goes on answering.</summary>
    private static async Task<bool> AnswersWhileClosedAsync(EdgeRequest request, ServiceSlot slot, Admission.State admission, string path)
    {
        if (admission.Mode is ServiceMode.Running
            || slot.Service.Probe.Path is not { } health
            || !(HttpMethods.IsGet(request.Http.Request.Method) || HttpMethods.IsHead(request.Http.Request.Method))
            || !string.Equals(path, health, StringComparison.Ordinal))
        {
            return false;
        }

        await request.Http.Response.CompleteAsync();
        return true;
    }

    /// <returns>True when the request may look again; false when it was answered.</returns>
    private async Task<bool> HoldAsync(EdgeRequest request, Admission.State admission, long since)
    {
        if (admission.Mode is ServiceMode.Maintenance)
        {
            await AnswerAsync(request, 503, admission.Message ?? "This service is under maintenance and will be back soon.");
            return false;
        }

        var left = admission.MaxWait - time.GetElapsedTime(since);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(request.Http.RequestAborted, traffic.Stopping);
        try
        {
            await admission.Ended.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, end.Token);
            return true;
        }
        catch (TimeoutException)
        {
            await AnswerAsync(request, 504, "This service is paused and did not resume in time.");
        }
        catch (OperationCanceledException) when (request.Http.RequestAborted.IsCancellationRequested)
        {
            request.StatusInstead = 499;
            request.Cut = "client";
        }
        catch (OperationCanceledException)
        {
            await AnswerAsync(request, 503, "The server is restarting.");
        }

        return false;
    }

    private Task AnswerAsync(EdgeRequest request, int status, string message) => pages.WriteAsync(request.Http, status, message, request.RequestId);
}
