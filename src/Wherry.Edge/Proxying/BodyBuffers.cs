using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Wherry.Core.Model;

namespace Wherry.Edge.Proxying;

/// <summary>Bodies that are held back until they are whole: in memory up to a size, beyond it in a file that nobody else may read and that is gone afterwards.</summary>
/// <param name="folder">Of the files; made when the first is needed.</param>
/// <param name="room">For all of them together.</param>
internal sealed class BodyBuffers(string folder, KeptRoom room)
{
    /// <summary>Largest request body that is held back where nothing else limits it.</summary>
    public const long LargestRequest = 1L << 30;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Removes what an edge left behind that was killed. One that still runs loses nothing: its files are open.</summary>
    public static void Clear(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>What the route says of this request's body; <see langword="null"/>: it passes as a stream.</summary>
    public static BufferRule? OfRequest(EdgeRequest request) =>
        request.Policy?.Rules.Buffer is { Requests: true } rule
        && request.Http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true }
        && !IsTunnel(request.Http)
        && request.Http.Request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) != true
            ? rule
            : null;

    /// <summary>The body, which can be read again and again once it was read to its end, until the request is over.</summary>
    public FileBufferingReadStream Keep(HttpContext http, BufferRule rule)
    {
        var share = room.Open(rule.Memory);
        var kept = new FileBufferingReadStream(new MeteredBody(http.Request.Body, share), (int)rule.Memory, bufferLimit: null, Folder);
        http.Response.RegisterForDispose(share);
        http.Response.RegisterForDisposeAsync(kept);
        return kept;
    }

    /// <summary>Holds the answer to this request back; <see langword="null"/>: it passes as a stream.</summary>
    public BufferedAnswer? HoldAnswer(EdgeRequest request)
    {
        if (request.Policy?.Rules.Buffer is not { Responses: true } rule || IsTunnel(request.Http))
        {
            return null;
        }

        var share = room.Open(rule.Memory);
        request.Http.Response.RegisterForDispose(share); // whatever becomes of the answer
        return new(request.Http, new((int)rule.Memory, bufferLimit: null, Folder), share, rule.MaxResponse);
    }

    private static bool IsTunnel(HttpContext http) =>
        http.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } || http.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true };

    private string Folder() => Directory.CreateDirectory(folder, OwnerOnly).FullName;
}
