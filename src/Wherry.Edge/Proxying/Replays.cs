using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Wherry.Edge.Pages;
using Wherry.Edge.Switching;

namespace Wherry.Edge.Proxying;

/// <summary>Keeps bodies, and sends a request to another target when one broke off before it answered: only one whose effect is the same however often it is sent, and whose body is at hand.</summary>
internal sealed class Replays(ErrorPages pages, Forwarding forwarding, TimeProvider time)
{
    /// <summary>Of a body that is kept though its route does not say so.</summary>
    private const long LargestBody = 64 << 10;

    private const string TooSlow = "The request's body came too slowly.";

    /// <summary>Keeps the body, where its route says so, or where it is small and the request could be sent twice.</summary>
    /// <returns>False when the body could not be read, and that was answered.</returns>
    public async Task<bool> PrepareAsync(EdgeRequest request, ServiceSlot slot)
    {
        var http = request.Http;
        if (request.KeptBody is { } kept)
        {
            kept.Position = 0;
            return true;
        }

        if (BodyBuffers.OfRequest(request) is { } rule)
        {
            var held = forwarding.Buffers.Keep(http, rule);
            return await ReadAsync(request, held, held.DrainAsync);
        }

        if (slot.Answering < 2 || Limit(request) == 0 || !IsIdempotent(http.Request.Method) || http.Request.ContentLength is not (> 0 and <= LargestBody))
        {
            return true;
        }

        var body = new MemoryStream((int)http.Request.ContentLength.Value);
        return await ReadAsync(request, body, ct => http.Request.Body.CopyToAsync(body, ct));
    }

    /// <summary>Whether a request that a target broke off may be sent to another one, and there is one.</summary>
    public static bool MayGoElsewhere(EdgeRequest request, ServiceSlot slot)
    {
        var http = request.Http;
        return !http.Response.HasStarted
            && request.Retries < Limit(request)
            && slot.Answering > request.Refused.Count + 1
            && IsIdempotent(http.Request.Method)
            && (request.KeptBody is not null || http.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true })
            && http.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true };
    }

    private async Task<bool> ReadAsync(EdgeRequest request, Stream body, Func<CancellationToken, Task> readAsync)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(request.Http.RequestAborted);
        try
        {
            var reading = readAsync(end.Token);
            if (!await Silence.EndsBeforeAsync(reading, () => request.BytesIn, forwarding.SilenceOf(request), time, end.Token))
            {
                await end.CancelAsync();
            }

            await reading;
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested && !request.Http.RequestAborted.IsCancellationRequested)
        {
            await pages.WriteAsync(request, StatusCodes.Status408RequestTimeout, TooSlow);
            return false;
        }
        catch (BadHttpRequestException e)
        {
            await pages.WriteAsync(request, e.StatusCode, e.StatusCode switch
            {
                StatusCodes.Status408RequestTimeout => TooSlow,
                StatusCodes.Status413PayloadTooLarge => "The request is larger than this service takes.",
                _ => "The request's body is malformed.",
            });
            return false;
        }
        catch (Exception e) when (e is ConnectionResetException || (request.Http.RequestAborted.IsCancellationRequested && e is IOException or OperationCanceledException))
        {
            request.StatusInstead = 499;
            request.Cut = "client";
            return false;
        }
        catch (IOException)
        {
            await pages.WriteAsync(request, 507, "The request's body cannot be kept.");
            return false;
        }

        body.Position = 0;
        request.ReadFrom(body);
        return true;
    }

    private static int Limit(EdgeRequest request) => request.Policy?.Rules.Retries ?? 1;

    private static bool IsIdempotent(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsTrace(method) || HttpMethods.IsPut(method) || HttpMethods.IsDelete(method);
}
