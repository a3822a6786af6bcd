using Wherry.Core.Model;

namespace Wherry.Compose.Tests.XWherry;

/// <summary>Keys of <c>x-wherry</c> that say what the edge does for a service as a whole.</summary>
public sealed class ServiceRulesTests
{
    [Fact]
    public void Error_pages_are_files_by_status_or_all_of_a_folder()
    {
        var one = A.Web("x-wherry: { error_pages: { 503: closed.html, 4xx: pages/no.html } }", null, ("closed.html", "<b>{{message}}</b>"), ("pages/no.html", "no")).Rules!.ErrorPages!;
        var all = A.Web("x-wherry: { error_pages: ./pages/ }", null, ("pages/413.html", "large"), ("pages/5xx.html", "{{status}}"), ("pages/logo.svg", "<svg/>")).Rules!.ErrorPages!;

        Assert.Equal([("4xx", "no"), ("503", "<b>{{message}}</b>")], one.Select(p => (p.Key, p.Value)));
        Assert.Equal([("413", "large"), ("5xx", "{{status}}")], all.Select(p => (p.Key, p.Value)));
    }

    [Theory]
    [InlineData("error_pages: errors", "compose/file-missing", "compose.yaml:5:20 services.web.x-wherry.error_pages: \"errors\" has no page")]
    [InlineData("error_pages: { 503: gone.html }", "compose/file-missing", "compose.yaml:5:27 services.web.x-wherry.error_pages.503: \"gone.html\" is not in the source")]
    [InlineData("error_pages: ../errors", "source/path", "services.web.x-wherry.error_pages")]
    [InlineData("error_pages: { 200: page.html }", "compose/value", "error_pages: \"200\" is neither a status from 400 to 599 nor 4xx or 5xx")]
    [InlineData("error_pages: { 503: bad.html }", "compose/value", "error_pages.503: \"{{mesage}}\" is not among")]
    [InlineData("error_pages: {}", "compose/value", "error_pages: names no page")]
    public void KP_015_KP_085_A_folder_without_pages_and_a_page_that_cannot_be_filled_in_are_refused(string line, string code, string message)
    {
        var problem = Assert.Throws<Wherry.Core.Problems.ProblemException>(() => A.Web($"x-wherry:\n  {line}", null, ("page.html", "well"), ("bad.html", "{{mesage}}"))).Problem;

        Assert.Equal(code, problem.Code);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void How_replicas_share_requests_is_read()
    {
        var rules = A.Web("x-wherry: { balance: least-requests, readers: { writers: 2, affinity: 500ms, websockets: true }, outliers: { eject_for: 1m } }").Rules!;

        Assert.Equal(new() { Balance = Balance.LeastRequests, Readers = new() { Writers = 2, Affinity = TimeSpan.FromMilliseconds(500), Websockets = true }, Outliers = new() { EjectFor = TimeSpan.FromMinutes(1) } }, rules);
        Assert.Equal(new() { Readers = new() }, A.Web("x-wherry: { readers: {} }").Rules);
        Assert.Null(A.Web("x-wherry: { balance: round-robin }").Rules);
        var quiet = A.Web("x-wherry: { quiet: { metrics: [/up] } }").Rules!.Quiet!;
        Assert.Equal(["/up"], quiet.Metrics);
        Assert.Empty(quiet.Log);
        Assert.Equal(new() { Responses = false, Memory = 2048 }, A.Web("x-wherry: { routes: [{ port: 80, buffer: { responses: false, memory: 2k } }] }").Routes[0].Rules!.Buffer);
        Assert.Equal(0, A.Web("x-wherry: { routes: [{ port: 80, retries: 0 }] }").Routes[0].Rules!.Retries);
    }

    [Theory]
    [InlineData("readers: { affinity: 2h }", "readers.affinity: 02:00:00 is not between 0 and 1 h")]
    [InlineData("readers: { writer: 1 }", "unknown key; did you mean \"writers\"?")]
    [InlineData("outliers: { eject_for: 1ms }", "outliers.eject_for")]
    [InlineData("quiet: { log: [up] }", "quiet.log: \"up\" is not a path")]
    [InlineData("routes: [{ port: 80, buffer: { memory: 65m } }]", "buffer: memory must be between 0 and 64 MB")]
    [InlineData("balance: least_requests", "is not one of round-robin, least-requests")]
    public void What_makes_no_sense_is_told(string line, string message) =>
        Assert.Contains(message, A.WebProblem($"x-wherry: {{ {line} }}").Message, StringComparison.Ordinal);

    [Fact]
    public void A_service_that_says_nothing_has_no_rules() => Assert.Null(A.Web("x-wherry: { routes: [{ host: a.test, port: 80 }] }").Rules);
}
