using System.Globalization;
using Microsoft.AspNetCore.Http;
using Wherry.Edge.Certificates;
using Wherry.Edge.Switching;

namespace Wherry.Edge.Proxying;

/// <summary>Sends requests to https and to a service's canonical host: in one step where both are wanted.</summary>
/// <param name="tlsPort">Port for TLS; <see langword="null"/>: the edge does not listen for it.</param>
internal sealed class Redirects(CertificateSource certificates, Func<int?> tlsPort)
{
    /// <summary>Answers with a redirect where one is due.</summary>
    /// <returns>False when the request is where it belongs.</returns>
    public bool Answers(HttpContext http, Snapshot snapshot, ServiceSlot slot, string name)
    {
        // Not to a host whose certificate is still being obtained: it serves without until then.
        var secure = !http.Request.IsHttps && snapshot.FindTls(name) is ({ Redirect: true } settings, var route) && certificates.Find(settings, route, name) is not null ? tlsPort() : null;
        var canonical = slot.Service.CanonicalHost is { } host && !string.Equals(host.Value, name, StringComparison.OrdinalIgnoreCase) ? host.Value : null;
        if (secure is null && canonical is null)
        {
            return false;
        }

        var scheme = http.Request.IsHttps || secure is not null ? "https" : "http";
        var port = secure is null ? http.Request.Host.Port : secure == 443 ? null : secure;
        Write(http, string.Create(CultureInfo.InvariantCulture, $"{scheme}://{canonical ?? name}{(port is null ? "" : $":{port}")}{RequestPath.AsSent(http)}"), permanent: true);
        return true;
    }

    /// <summary>The answer that sends elsewhere.</summary>
    public static void Write(HttpContext http, string location, bool permanent)
    {
        // A client may turn a POST that gets a 301 or 302 into a GET; it may not with a 308 or 307.
        var keepsMethod = HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method);
        http.Response.StatusCode = (permanent, keepsMethod) switch
        {
            (true, true) => StatusCodes.Status301MovedPermanently,
            (true, false) => StatusCodes.Status308PermanentRedirect,
            (false, true) => StatusCodes.Status302Found,
            _ => StatusCodes.Status307TemporaryRedirect,
        };
        http.Response.Headers.Location = location;
        http.Response.ContentLength = 0;
    }
}
