using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Wherry.Edge.Pages;
using Wherry.Edge.Switching;

namespace Wherry.Edge.Proxying;

/// <summary>Sends a request to another target when one broke off before it answered. Only one whose effect is the same however often it is sent, and whose body is at hand.</summary>
internal sealed class Replays(ErrorPages pages)
{
    /// <summary>Of a body that is kept.</summary>
    private const long LargestBody = 64 << 10;

    /// <summary>Keeps a small body, where the request could be sent twice.</summary>
    /// <returns>False when the body could not be read, and that was answered.</returns>
    public async Task<bool> PrepareAsync(EdgeRequest request, ServiceSlot slot)
    {
        var http = request.Http;
        if (http.Request.Body is MemoryStream kept)
        {
            kept.Position = 0;
            return true;
        }

        if (slot.Targets.Count < 2 || Limit(request) == 0 || !IsIdempotent(http.Request.Method) || http.Request.ContentLength is not (> 0 and <= LargestBody))
        {
            return true;
        }

        var body = new MemoryStream((int)http.Request.ContentLength.Value);
        try
        {
            await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        }
        catch (BadHttpRequestException e)
        {
            await pages.WriteAsync(request, e.StatusCode, e.StatusCode == StatusCodes.Status408RequestTimeout ? "The request's body came too slowly." : "The request's body is malformed.");
            return false;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            request.StatusInstead = 499;
            request.Cut = "client";
            return false;
        }

        body.Position = 0;
        http.Request.Body = body;
        return true;
    }

    /// <summary>Whether a request that a target broke off may be sent to another one, and there is one.</summary>
    public static bool MayGoElsewhere(EdgeRequest request, ServiceSlot slot)
    {
        var http = request.Http;
        return !http.Response.HasStarted
            && request.Retries < Limit(request)
            && slot.Targets.Count > request.Refused.Count + 1
            && IsIdempotent(http.Request.Method)
            && (http.Request.Body is MemoryStream || http.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true })
            && http.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true };
    }

    private static int Limit(EdgeRequest request) => request.Policy?.Rules.Retries ?? 1;

    private static bool IsIdempotent(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsTrace(method) || HttpMethods.IsPut(method) || HttpMethods.IsDelete(method);
}
