using Wherry.Core.Model;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Pages;

/// <summary>Error pages that a service brings along.</summary>
public sealed class ServicePagesTests : OnAnEdge
{
    private const string Browser = "Accept: text/html,application/xhtml+xml,*/*;q=0.8";

    [Fact]
    public async Task KP_084_Error_pages_nest_the_services_then_the_operators_then_the_built_in_one()
    {
        await using var web = await Backend.StartAsync("web1");
        await using var other = await Backend.StartAsync("other");
        await Edge.Control.PutAsync(A.Service(web) with { Rules = Pages(("503", "shop: {{message}} ({{status}} {{title}})"), ("4xx", "shop has no such thing")), MaxBodyBytes = 0 }, Ct);
        await Edge.Control.PutAsync("other.production.web", A.Service(other) with { Routes = [A.Route(other.Port, "other.test")] }, Ct);
        await Edge.Control.MaintenanceAsync("Back at <noon>");
        await Edge.Control.MaintenanceAsync("Closed", "other.production.web");

        Assert.Equal("shop: Back at &lt;noon&gt; (503 Service Unavailable)", await PageAsync(A.Host));
        Assert.Contains("<h1>503 Service Unavailable</h1>", await PageAsync("other.test"), StringComparison.Ordinal);

        await OperatorsAsync("503.html", "the operator's: {{message}}");
        await OperatorsAsync("404.html", "the operator's 404");
        Assert.Equal("shop: Back at &lt;noon&gt; (503 Service Unavailable)", await PageAsync(A.Host));
        Assert.Equal("the operator's: Closed", await PageAsync("other.test"));
        Assert.Equal("the operator's 404", await PageAsync("nobody.test"));

        await Edge.Control.ResumeAsync();
        var tooLarge = await RawHttp.SendAsync(Edge, $"POST / HTTP/1.1\r\nHost: {A.Host}\r\n{Browser}\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc");
        Assert.StartsWith("HTTP/1.1 413", tooLarge, StringComparison.Ordinal);
        Assert.EndsWith("shop has no such thing", tooLarge, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_services_page_is_for_browsers_and_never_replaces_an_answer_of_the_service()
    {
        await using var web = await Backend.StartAsync("web1");
        web.On("/fails", 500, "my own 500");
        await Edge.Control.PutAsync(A.Service(web) with { Rules = Pages(("5xx", "the page")) }, Ct);

        Assert.Contains("my own 500", await RawHttp.GetAsync(Edge, "/fails", Browser), StringComparison.Ordinal);
        await Edge.Control.MaintenanceAsync("Back soon");
        Assert.Equal("the page", await PageAsync(A.Host));
        Assert.Contains("\"message\":\"Back soon\"", await RawHttp.GetAsync(Edge, "/", "Accept: application/json"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_pages_go_with_the_release_and_are_back_after_a_restart()
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web) with { Rules = Pages(("503", "first")) }, Ct);
        await Edge.Control.MaintenanceAsync();
        await Edge.RestartAsync();
        Assert.Equal("first", await PageAsync(A.Host));

        await Edge.Control.PutAsync(A.Service(web) with { Rules = Pages(("503", "second")) }, Ct);
        Assert.Equal("second", await PageAsync(A.Host));
        await Edge.Control.PutAsync(A.Service(web), Ct);
        Assert.Contains("<h1>503 Service Unavailable</h1>", await PageAsync(A.Host), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("503", "{{mesage}}", "error_pages.503: \"{{mesage}}\" is not among {{message}}, {{request}}, {{status}}, {{title}}")]
    [InlineData("503", "we are {{message", "error_pages.503: has {{ without }}")]
    [InlineData("503", " ", "error_pages.503: is empty")]
    [InlineData("200", "well", "error_pages: \"200\" is neither a status from 400 to 599 nor 4xx or 5xx")]
    [InlineData("6xx", "well", "error_pages: \"6xx\" is neither")]
    public async Task KP_085_A_page_that_cannot_be_filled_in_is_refused_and_changes_nothing(string status, string page, string why)
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web), Ct);
        var state = await File.ReadAllTextAsync(Path.Combine(Edge.Home, "state.json"), Ct);

        var problem = await EdgeControl.ProblemOfAsync(() => Edge.Control.PutAsync(A.Service(web) with { Rules = Pages((status, page)) }, Ct));

        Assert.Equal("edge/service", problem.Code);
        Assert.Contains(why, problem.Message, StringComparison.Ordinal);
        Assert.Equal(state, await File.ReadAllTextAsync(Path.Combine(Edge.Home, "state.json"), Ct));
        Assert.Equal("web1", await Edge.GetAsync("/"));
    }

    [Fact]
    public async Task KP_085_No_page_at_all_and_pages_that_are_too_large_are_refused()
    {
        await using var web = await Backend.StartAsync("web1");
        var large = new string('x', 60 << 10);

        Assert.Contains("names no page", await RefusedAsync(web), StringComparison.Ordinal);
        Assert.Contains("larger than 64 KB", await RefusedAsync(web, ("503", large + large)), StringComparison.Ordinal);
        Assert.Contains("larger than 256 KB", await RefusedAsync(web, ("500", large), ("501", large), ("502", large), ("503", large), ("504", large)), StringComparison.Ordinal);
    }

    private static ServiceRules Pages(params (string Status, string Page)[] pages) => new() { ErrorPages = pages.ToDictionary(p => p.Status, p => p.Page) };

    private async Task<string> RefusedAsync(Backend web, params (string Status, string Page)[] pages) =>
        (await EdgeControl.ProblemOfAsync(() => Edge.Control.PutAsync(A.Service(web) with { Rules = Pages(pages) }, Ct))).Message;

    private async Task<string> PageAsync(string host)
    {
        var answer = await RawHttp.SendAsync(Edge, $"GET / HTTP/1.1\r\nHost: {host}\r\n{Browser}\r\nConnection: close\r\n\r\n");
        return answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
    }

    private async Task OperatorsAsync(string name, string text)
    {
        Directory.CreateDirectory(Path.Combine(Edge.Home, "errors"));
        await File.WriteAllTextAsync(Path.Combine(Edge.Home, "errors", name), text, Ct);
    }
}
