using Microsoft.AspNetCore.Http;
using Wherry.Core.Model;
using Wherry.Core.Routing;
using Wherry.Edge.Certificates;
using Wherry.Edge.Pages;
using Wherry.Edge.Switching;
using Wherry.Edge.Targets;

namespace Wherry.Edge.Proxying;

/// <summary>The way of a public request: find its service, be let in, claim a target, forward.</summary>
internal sealed class Proxy(TrafficSwitch traffic, Forwarding forwarding, ForwardedHeaders forwarded, Redirects redirects, ErrorPages pages, TimeProvider time)
{
    private readonly Replays _replays = new(pages, forwarding, time);

    /// <summary>Several may be gone at once; not one of which it is known yet, right after the start. Each takes a while to say so.</summary>
    private const int MostRefusals = 3;

    public async Task HandleAsync(EdgeRequest request)
    {
        request.Count();
        forwarded.Apply(request);
        if (!RequestLine.IsSound(request.Http))
        {
            request.Enter(null, traffic.Unrouted);
            await AnswerAsync(request, 400, "The request's address is malformed.");
            return;
        }

        try
        {
            while (!await AnswersAsync(request))
            {
                // A switch or a resume came between, or a target refused: the table may say something else now.
            }
        }
        finally
        {
            forwarding.Mirroring.End(request);
        }
    }

    /// <summary>One look at the table and what follows from it.</summary>
    /// <returns>False when the request must look again.</returns>
    private async Task<bool> AnswersAsync(EdgeRequest request)
    {
        var http = request.Http;
        var snapshot = traffic.Snapshot;
        if (snapshot.Routes.Find(http.Request.Host.Value ?? "", http.Request.Path.Value ?? "/") is not { } match)
        {
            request.Enter(null, traffic.Unrouted);
            return await AnswerAsync(request, 404, "Nothing is served at this address.");
        }

        var slot = snapshot.Services[match.Key];
        request.Enter(slot.Key, slot.Counters, slot.Service.Rules);
        var name = RouteTable.NameIn(http.Request.Host.Value ?? "");
        if (http.Features.Get<ServedCertificate>() is { } certificate && !certificate.Covers(name))
        {
            return await AnswerAsync(request, 421, "This connection is for another host.");
        }

        if (redirects.Answers(http, snapshot, slot, name))
        {
            return true;
        }

        var policy = slot.Policies.Of(match.Route);
        if (policy is not null && policy != request.Policy && await policy.AnswersAsync(request, pages))
        {
            return true;
        }

        request.Policy = policy; // a request that looks again is not counted twice
        var path = RequestPath.ForTarget(http, match.Route);
        var admission = slot.Admission.Now;
        if (admission.Stops(request.Client, time.GetUtcNow()))
        {
            return await AnswersWhileClosedAsync(request, slot, path) || await AnswersAfterHoldAsync(request, admission);
        }

        if (slot.Files is { } files)
        {
            var answer = files.AnswersAsync(request, path);
            if (!await Silence.EndsBeforeAsync(answer, () => request.BytesOut, forwarding.SilenceOf(request), time, http.RequestAborted))
            {
                http.Abort(); // a visitor who takes nothing
            }

            if (await answer)
            {
                return true;
            }
        }

        if (slot.Stopped && slot.Files is not null)
        {
            return await AnswerAsync(request, 404, "Nothing is served at this address.");
        }

        if (slot.Stopped)
        {
            return await AnswerAsync(request, 503, "This service is stopped.");
        }

        var largest = policy?.Rules.MaxBody ?? slot.Service.MaxBodyBytes;
        if (http.Request.ContentLength > largest)
        {
            return await AnswerAsync(request, 413, "The request is larger than this service takes.");
        }

        request.LimitBody(BodyBuffers.OfRequest(request) is null ? largest : Math.Min(largest ?? BodyBuffers.LargestRequest, BodyBuffers.LargestRequest));
        string? fresh = null;
        var chosen = slot.Split?.Chooses(http.Request, out fresh) == true;
        if (chosen && slot.Split?.Mirror is { } rule)
        {
            request.Copy ??= forwarding.Mirroring.Take(request, slot, rule, match.Route, path);
            chosen = false;
        }

        var visitor = new Visitor(chosen, policy?.Rules.StickyCookie is { } cookie ? http.Request.Cookies[cookie] : null, slot.Readers?.MayAnswer(http, time.GetUtcNow()) == true);
        request.Transformer.Mark(fresh);
        request.Transformer.Divide(slot.Readers, time);
        if (!await _replays.PrepareAsync(request, slot))
        {
            return true;
        }

        if (!ReferenceEquals(admission, slot.Admission.Now) || !ReferenceEquals(snapshot, traffic.Snapshot))
        {
            return false; // a body may take long to come
        }

        if (slot.Claim(except: request.Refused, visitor) is { } target)
        {
            return await ForwardAsync(request, slot, target, match.Route, path);
        }

        return ReferenceEquals(snapshot, traffic.Snapshot)
            && (request.Refused.Count > 0
                ? await AnswerAsync(request, 502, "The service cannot be reached.")
                : await AnswerAsync(request, 503, "No replica of this service takes this request."));
    }

    /// <returns>False when another target may be tried: this one refused the connection, or broke off what may be sent twice.</returns>
    private async Task<bool> ForwardAsync(EdgeRequest request, ServiceSlot slot, LiveTarget target, Route route, string path)
    {
        request.Target = target.Id;
        request.Side = slot.SideOf(target);
        request.Transformer.PointAt(target, route, path);
        var outcome = Outcome.Done;
        try
        {
            outcome = await forwarding.SendAsync(request, slot.Key, target);
        }
        finally
        {
            target.Release();
        }

        await SendHeldAsync(request); // the target is done with it
        switch (outcome)
        {
            case Outcome.Done or Outcome.ClientGone:
                return true;
            case Outcome.Refused when request.Refused.Count < MostRefusals:
            case Outcome.Broken when Replays.MayGoElsewhere(request, slot):
                // The forwarder left its verdict there, and takes no request that has one.
                request.Http.Response.Clear();
                request.Side?.Ended(StatusCodes.Status502BadGateway, time.GetElapsedTime(request.Start)); // the visitor is spared it, a guard must know
                request.Cut = null;
                request.Retries += outcome is Outcome.Broken ? 1 : 0;
                request.Refused.Add(target);
                return false;
            default:
                await forwarding.ExplainAsync(request, outcome);
                return true;
        }
    }

    /// <summary>Gives the visitor an answer that was held back, at his pace.</summary>
    private async Task SendHeldAsync(EdgeRequest request)
    {
        if (request.Held is not { } held)
        {
            return;
        }

        await using (held)
        {
            try
            {
                var sending = held.SendAsync(request.Http.RequestAborted);
                if (!await Silence.EndsBeforeAsync(sending, () => request.BytesOut, forwarding.SilenceOf(request), time, request.Http.RequestAborted))
                {
                    request.Http.Abort(); // a visitor who takes nothing
                }

                await sending;
            }
            catch (OperationCanceledException) when (request.Http.RequestAborted.IsCancellationRequested)
            {
                request.Cut = "client";
                request.StatusInstead = request.Http.Response.HasStarted ? null : 499;
            }
        }
    }

    /// <summary>A load balancer in front must not take the whole machine out because one service is paused: its health path goes on answering.</summary>
    private static async Task<bool> AnswersWhileClosedAsync(EdgeRequest request, ServiceSlot slot, string path)
    {
        if (slot.Service.Probe.Path is not { } health
            || !(HttpMethods.IsGet(request.Http.Request.Method) || HttpMethods.IsHead(request.Http.Request.Method))
            || !string.Equals(path, health, StringComparison.Ordinal))
        {
            return false;
        }

        await request.Http.Response.CompleteAsync();
        return true;
    }

    /// <returns>False when the service took another mode and the request may look again.</returns>
    private async Task<bool> AnswersAfterHoldAsync(EdgeRequest request, Admission.State admission)
    {
        if (admission.Mode is ServiceMode.Maintenance)
        {
            await pages.WriteAsync(request, 503, admission.Message ?? "This service is under maintenance and will be back soon.", admission.Until - time.GetUtcNow());
            return true;
        }

        request.HeldSince ??= time.GetTimestamp();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(request.Http.RequestAborted, traffic.Stopping);
        try
        {
            return !await admission.GoesOnAsync(request.HeldSince.Value, time, end.Token) && await AnswerAsync(request, 504, "This service is paused and did not resume in time.");
        }
        catch (OperationCanceledException) when (request.Http.RequestAborted.IsCancellationRequested)
        {
            request.StatusInstead = 499;
            request.Cut = "client";
            return true;
        }
        catch (OperationCanceledException)
        {
            return await AnswerAsync(request, 503, "The server is restarting.");
        }
    }

    private async Task<bool> AnswerAsync(EdgeRequest request, int status, string message)
    {
        await pages.WriteAsync(request, status, message);
        return true;
    }
}
