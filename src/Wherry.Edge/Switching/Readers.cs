using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Wherry.Core.Model;
using Wherry.Edge.Targets;

namespace Wherry.Edge.Switching;

/// <summary>Which targets of a service only read, and which requests they may answer.</summary>
internal sealed class Readers(ReadersRule rule, IEnumerable<LiveTarget> targets)
{
    /// <summary>Says until when, in Unix milliseconds, its bearer reads from writers.</summary>
    public const string Cookie = "wherry-writer";

    /// <summary>With <c>false</c> a service says of an answer that its bearer need not read from writers.</summary>
    private const string Header = "X-Writer-Affinity";

    private readonly HashSet<LiveTarget> _readers = [.. targets];

    public bool Has(LiveTarget target) => _readers.Contains(target);

    /// <summary>A request that changes nothing, of a visitor who did not just change something.</summary>
    public bool MayAnswer(HttpContext http, DateTimeOffset now) => Reads(http) && !(WroteLately(http.Request) is { } until && until > now && until <= now + rule.Affinity);

    /// <summary>Remembers a visitor who changed something, and takes out what the answer says about that.</summary>
    public void Answered(HttpContext http, DateTimeOffset now)
    {
        var unwanted = string.Equals(http.Response.Headers[Header], "false", StringComparison.OrdinalIgnoreCase);
        http.Response.Headers.Remove(Header);
        if (unwanted || rule.Affinity <= TimeSpan.Zero || Reads(http) || IsWebSocket(http) || http.Response.StatusCode == StatusCodes.Status101SwitchingProtocols)
        {
            return;
        }

        var until = (now + rule.Affinity).ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        http.Response.Cookies.Append(Cookie, until, new CookieOptions
        {
            Path = "/",
            HttpOnly = true,
            SameSite = SameSiteMode.Lax,
            Secure = http.Request.IsHttps,
            MaxAge = TimeSpan.FromSeconds(Math.Ceiling(rule.Affinity.TotalSeconds)),
        });
    }

    private bool Reads(HttpContext http) =>
        (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method) || (rule.Websockets && IsExtendedConnect(http))) && (rule.Websockets || !IsWebSocket(http));

    private static bool IsWebSocket(HttpContext http) => http.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } || IsExtendedConnect(http);

    private static bool IsExtendedConnect(HttpContext http) => http.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true };

    private static DateTimeOffset? WroteLately(HttpRequest request) =>
        long.TryParse(request.Cookies[Cookie], NumberStyles.None, CultureInfo.InvariantCulture, out var until) && until <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() ? DateTimeOffset.FromUnixTimeMilliseconds(until) : null;
}
