using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Wherry.Edge.Proxying;

/// <summary>What a request must be like so that it can be written to a target as it came.</summary>
internal static class RequestLine
{
    /// <summary>Printable ASCII without spaces, and a port that exists.</summary>
    /// <remarks>
    /// HTTP/2 lets any byte into a path, and HTTP/1.1 some control characters. The HTTP client writes what is not ASCII as whatever its buffer held before,
    /// which is other visitors' requests; a host that it cannot parse it replaces by the target's address.
    /// </remarks>
    public static bool IsSound(HttpContext http) =>
        !http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.AsSpan().ContainsAnyExceptInRange('!', '~')
        && HasSoundPort(http.Request.Host.Value);

    private static bool HasSoundPort(ReadOnlySpan<char> host)
    {
        var colon = host.LastIndexOf(':');
        return colon <= host.LastIndexOf(']') || ushort.TryParse(host[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out _);
    }
}
