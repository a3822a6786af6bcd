using System.Net;
using System.Text.RegularExpressions;
using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Core.Routing;

/// <summary>What must hold for a route's rules, wherever they come from.</summary>
public static partial class RouteRulesCheck
{
    private const int MostEntries = 1000;

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>Headers that belong to the connection, or that say whom a request is for.</summary>
    private static readonly HashSet<string> Untouchable = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Content-Length", "Host", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto",
    };

    /// <summary>Everything that is wrong, each with the key it is at; nothing when all is well.</summary>
    /// <param name="rules">What to look at.</param>
    /// <param name="kept">They were taken before, maybe by an older version: what has become stricter since is let through, so that everybody else is served on.</param>
    public static IEnumerable<string> Wrongs(RouteRules rules, bool kept = false) =>
    [
        .. Of(rules.Redirect), .. Of("request_headers", rules.RequestHeaders), .. Of("response_headers", rules.ResponseHeaders),
        .. Networks("allow", rules.Allow), .. Networks("deny", rules.Deny), .. Of(rules.RateLimit), .. Of(rules.BasicAuth, kept), .. Of(rules.ForwardAuth), .. OfNumbers(rules),
    ];

    private static IEnumerable<string> Of(Redirection? redirect)
    {
        if (redirect is { To: var to } && !(IsText(to) && ((to.StartsWith('/') && !to.StartsWith("//", StringComparison.Ordinal) && !to.StartsWith("/\\", StringComparison.Ordinal)) || IsWeb(to))))
        {
            yield return $"redirect.to: {Problem.Quoted(to ?? "")} is neither http(s)://host[/path] nor a /path";
        }
    }

    private static IEnumerable<string> Of(string at, HeaderChanges? changes)
    {
        if (changes is { Set: null } or { Remove: null })
        {
            yield return $"{at}: set and remove cannot be null";
            yield break;
        }

        foreach (var name in changes is null ? [] : changes.Set.Keys.Concat(changes.Remove))
        {
            if (name is null || !IsToken(name) || Untouchable.Contains(name))
            {
                yield return $"{at}: {Problem.Quoted(name ?? "")} is not a header that may be changed";
            }
        }

        foreach (var (name, value) in changes?.Set ?? new Dictionary<string, string>())
        {
            if (value is null || value.Any(c => char.IsControl(c) || c > 255))
            {
                yield return $"{at}.set.{name}: has characters that a header cannot carry";
            }
        }
    }

    /// <summary>What is wrong with a list of addresses and networks.</summary>
    public static IEnumerable<string> Networks(string at, IReadOnlyList<string>? networks)
    {
        if (networks is { Count: > MostEntries })
        {
            yield return $"{at}: has more than {MostEntries} entries";
        }

        foreach (var network in (networks ?? []).Where(n => n is null || (!IPAddress.TryParse(n, out _) && !IPNetwork.TryParse(n, out _))))
        {
            yield return $"{at}: {Problem.Quoted(network ?? "")} is neither an address nor a network like 10.0.0.0/8";
        }
    }

    private static IEnumerable<string> Of(RateLimit? limit)
    {
        if (limit is null)
        {
            yield break;
        }

        if (limit.Requests is < 1 or > 1_000_000 || limit.Burst is < 1 or > 1_000_000)
        {
            yield return "rate_limit: requests and burst must be between 1 and 1000000";
        }

        if (limit.Per < TimeSpan.FromSeconds(1) || limit.Per > Day)
        {
            yield return $"rate_limit.per: {limit.Per} is not between 1 s and 1 day";
        }

        if (limit.Header is { } header && !IsToken(header))
        {
            yield return $"rate_limit.header: {Problem.Quoted(header)} is not a header";
        }
    }

    private static IEnumerable<string> Of(IReadOnlyDictionary<string, string>? users, bool kept)
    {
        foreach (var (user, hash) in users ?? new Dictionary<string, string>())
        {
            if (user.Length is 0 or > 255 || user.Any(c => c == ':' || char.IsControl(c)))
            {
                yield return $"basic_auth: {Problem.Quoted(user)} is not a user name";
            }

            if (hash is null || !(kept ? AnyHashShape() : HashShape()).IsMatch(hash))
            {
                yield return $"basic_auth.{user}: is not a hash of usual cost; `htpasswd -nB {user}` or `mkpasswd` makes one";
            }
        }
    }

    private static IEnumerable<string> Of(ForwardAuth? auth)
    {
        if (auth is null)
        {
            yield break;
        }

        if (!IsText(auth.Url) || !IsWeb(auth.Url))
        {
            yield return $"forward_auth.url: {Problem.Quoted(auth.Url ?? "")} is not http(s)://host[:port]/path";
        }

        foreach (var header in (auth.CopyHeaders ?? []).Where(h => h is null || !IsToken(h) || Untouchable.Contains(h)))
        {
            yield return $"forward_auth.copy_headers: {Problem.Quoted(header ?? "")} is not a header that may be changed";
        }
    }

    private static IEnumerable<string> OfNumbers(RouteRules rules)
    {
        if (rules.Buffer is { Memory: < 0 or > 64 << 20 } or { MaxResponse: < 0 })
        {
            yield return $"buffer: memory must be between 0 and 64 MB, max_response not negative";
        }

        if (rules.Retries is < 0 or > 3)
        {
            yield return $"retries: {rules.Retries} is not between 0 and 3";
        }

        if (rules.MaxBody < 0)
        {
            yield return $"max_body: {rules.MaxBody} is negative";
        }

        foreach (var (at, time) in new[] { ("first_byte_within", rules.FirstByteWithin), ("silent_for", rules.SilentFor) })
        {
            if (time < TimeSpan.FromMilliseconds(10) || time > Day)
            {
                yield return $"{at}: {time} is not between 10 ms and 1 day";
            }
        }

        if (rules.StickyCookie is { } cookie && !IsToken(cookie))
        {
            yield return $"sticky_cookie: {Problem.Quoted(cookie)} is not a cookie's name";
        }
    }

    /// <summary>A name that a header or cookie may have.</summary>
    public static bool IsToken(string text) => TokenShape().IsMatch(text);

    private static bool IsText(string? text) => text is { Length: > 0 and < 2048 } && text.All(c => c is > ' ' and < (char)127);

    private static bool IsWeb(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0 && url.Host.Length > 0;

    [GeneratedRegex(@"\A[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}\z")]
    private static partial Regex TokenShape();

    /// <summary>bcrypt, SHA-256, SHA-512, yescrypt: what libcrypt verifies and nobody breaks in an afternoon. Not of a cost (bcrypt above 2^14, a million rounds) that keeps the edge busy with one wrong password.</summary>
    [GeneratedRegex(@"\A\$(?:2[aby]\$(?:0[4-9]|1[0-4])\$|[56]\$(?:rounds=[0-9]{1,6}\$)?|y\$j[5-9A-C]T\$)[A-Za-z0-9./$]{10,200}\z")]
    private static partial Regex HashShape();

    [GeneratedRegex(@"\A\$(?:2[aby]|5|6|y)\$[A-Za-z0-9./$=]{10,200}\z")]
    private static partial Regex AnyHashShape();
}
