using System.Net;
using Wherry.Core.Problems;

namespace Wherry.Edge.Acme;

/// <summary>What an authority refuses, in Wherry's words. Its own words go along as evidence.</summary>
internal static class AcmeProblems
{
    private const string Prefix = "urn:ietf:params:acme:error:";

    public const string AccountUnknown = "acme/account-unknown";

    public const string AlreadyRevoked = "acme/already-revoked";

    /// <summary>Another order has replaced the certificate that this one wants to renew.</summary>
    public const string AlreadyReplaced = "acme/already-replaced";

    public const string Failed = "acme/challenge-failed";

    /// <summary>The order behind it leads nowhere; the next attempt begins another one.</summary>
    public static bool EndsOrder(Problem problem) => problem.Code is Failed or "acme/order-failed" or "acme/refused" or "acme/unauthorized" or "acme/bad-answer" or AccountUnknown;

    public static bool Is(AcmeError error, string kind) => error.Type == Prefix + kind;

    public static ProblemException Of(AcmeError error, HttpStatusCode status, Uri url, DateTimeOffset? retryAt)
    {
        var problem = Choose(error, status, url);
        problem.Evidence = Lines(error);
        return new(problem) { RetryAt = retryAt };
    }

    /// <summary>A name's validation ended badly.</summary>
    public static Problem ChallengeFailed(string name, string type, AcmeError? error) => new(
        Failed,
        $"The certificate authority could not validate {name} by {type}: {Said(error)}",
        "Check that the name's DNS records lead to this edge, that ports 80 and 443 are open from outside, and for dns-01 that the zone's provider may write.")
    {
        Evidence = Lines(error),
    };

    public static Problem OrderFailed(string names, AcmeError? error) => error is not null && Kind(error) is "connection" or "dns" or "incorrectResponse" or "tls" or "unauthorized"
        ? ChallengeFailed(names, "the chosen challenge", error)
        : new("acme/order-failed", $"The certificate authority gave up the order for {names}: {Said(error)}", "It is tried anew; the evidence says what the authority disliked.") { Evidence = Lines(error) };

    public static Problem Unreachable(Uri url, string why) => new("acme/unreachable", $"{url.Host} does not answer: {why}", "It is tried again by itself. Check the edge's way to the internet, its DNS and its clock.");

    public static Problem BadAnswer(Uri url, string why) => new("acme/bad-answer", $"{url.Host} answered what no certificate authority should: {why}", "Check the directory's address; it must be that of an ACME server (RFC 8555).");

    public static Problem Slow(string what, TimeSpan within) => new("acme/slow", $"{what} took longer than {within.TotalSeconds:0} s.", "Nothing is lost: the next attempt continues the same order.");

    public static Problem NotSaved(string path, string why) => new("acme/not-saved", $"The edge cannot write {path}: {why}", "Check that the disk has room and that the edge may write there; what was there before is untouched.");

    public static Problem AccountBinding(string why) => new("acme/account-binding", $"The certificate authority's external account binding does not hold: {why}", "Take key id and HMAC key from the authority's console and give both.");

    private static Problem Choose(AcmeError error, HttpStatusCode status, Uri url) => Kind(error) switch
    {
        "rateLimited" => Limited(error),
        "accountDoesNotExist" => new Problem(AccountUnknown, "The certificate authority does not know the account.", "The edge registers again by itself."),
        "externalAccountRequired" => AccountBinding(Said(error)),
        "userActionRequired" or "agreementRequired" => new Problem("acme/account-terms", $"The certificate authority's terms of service have to be agreed to: {Said(error)}", "Read them and agree in the edge's options."),
        "invalidContact" or "unsupportedContact" => new Problem("acme/account-contact", $"The certificate authority refuses the contact: {Said(error)}", "Give a mail address that exists, without a name."),
        "unauthorized" => new Problem("acme/unauthorized", $"The certificate authority does not allow it: {Said(error)}", "Check that the account is active and that the names are its own."),
        "rejectedIdentifier" or "unsupportedIdentifier" => new Problem("acme/name-refused", $"The certificate authority gives no certificate for this name: {Said(error)}", "Use a public name of your own; for private names use the internal authority."),
        "alreadyRevoked" => new Problem(AlreadyRevoked, "The certificate is revoked already.", "Nothing is left to do."),
        "alreadyReplaced" => new Problem(AlreadyReplaced, "The certificate has been renewed already.", "The edge orders another one by itself."),
        "caa" => new Problem("acme/caa", $"A CAA record forbids the certificate: {Said(error)}", "Add the authority to the zone's CAA records."),
        _ when status is HttpStatusCode.TooManyRequests => Limited(error),
        _ when (int)status >= 500 => Unreachable(url, $"status {(int)status}, {Said(error)}"),
        _ => new Problem("acme/refused", $"{url.Host} refused: status {(int)status}, {Said(error)}", "The evidence says why; a name or an option is likely to be wrong."),
    };

    private static Problem Limited(AcmeError error) => new("acme/rate-limited", $"The certificate authority limits how often it is asked: {Said(error)}", "It is tried again when the authority allows it. Try things out with its staging directory.");

    private static string Kind(AcmeError error) => error.Type is { } type && type.StartsWith(Prefix, StringComparison.Ordinal) ? type[Prefix.Length..] : "";

    private static string Said(AcmeError? error) => error?.Detail is { Length: > 0 } detail ? Clean(detail) : "it does not say why";

    private static List<string> Lines(AcmeError? error) => error is null ? [] : [Line(error), .. (error.Subproblems ?? []).Take(20).Select(Line)];

    private static string Line(AcmeError error) => Clean($"{(error.Identifier is { } name ? name.Value + ": " : "")}{error.Type}: {error.Detail}");

    /// <summary>Foreign text on one line, at most 400 characters.</summary>
    private static string Clean(string text) => string.Concat(text.Take(400).Select(c => char.IsControl(c) ? ' ' : c));
}
