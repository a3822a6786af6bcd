using System.Text.Json.Nodes;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Pages;

public sealed class ErrorPagesTests : OnAnEdge
{
    private const string Browser = "Accept: text/html,application/xhtml+xml,*/*;q=0.8";

    [Fact]
    public async Task Each_client_gets_an_error_in_a_form_it_accepts()
    {
        var html = await RawHttp.GetAsync(Edge, "/", Browser);
        var json = await RawHttp.GetAsync(Edge, "/", "Accept: application/json", "X-Request-ID: r1");
        var text = await RawHttp.GetAsync(Edge, "/");

        Assert.Contains("Content-Type: text/html; charset=utf-8", html, StringComparison.Ordinal);
        Assert.Contains("<h1>404 Not Found</h1>", html, StringComparison.Ordinal);
        var problem = JsonNode.Parse(json[json.IndexOf('{', StringComparison.Ordinal)..])!;
        Assert.Equal((404, "r1"), (problem["status"]!.GetValue<int>(), problem["request"]!.GetValue<string>()));
        Assert.Contains("Content-Type: text/plain", text, StringComparison.Ordinal);
        Assert.Contains("Cache-Control: no-store", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task KP_081_A_page_of_the_operator_is_used_for_the_edges_own_errors()
    {
        await PageAsync("404.html", "<p>our own page</p>");

        Assert.EndsWith("<p>our own page</p>", await RawHttp.GetAsync(Edge, "/", Browser), StringComparison.Ordinal);
    }

    [Fact]
    public async Task KP_082_A_page_shows_the_message_escaped_and_without_a_page_the_built_in_one_is_used()
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web), Ct);
        await Edge.Control.MaintenanceAsync("<script>alert('x')</script> & back soon");

        Assert.Contains("&lt;script&gt;", await RawHttp.GetAsync(Edge, "/", Browser), StringComparison.Ordinal);
        await PageAsync("503.html", "{{status}} {{title}}: {{message}} ({{request}})");

        var page = await RawHttp.GetAsync(Edge, "/", Browser, "X-Request-ID: <r1>");
        Assert.EndsWith("503 Service Unavailable: &lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; back soon (&lt;r1&gt;)", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task KP_083_A_services_own_error_is_never_replaced()
    {
        await using var web = await Backend.StartAsync("web1");
        web.On("/fails", 500, "<h1>my own 500</h1>");
        web.On("/empty", 503);
        await Edge.Control.PutAsync(A.Service(web), Ct);
        await PageAsync("500.html", "the operator's");
        await PageAsync("503.html", "the operator's");

        Assert.EndsWith("<h1>my own 500</h1>\r\n0\r\n\r\n", await RawHttp.GetAsync(Edge, "/fails", Browser), StringComparison.Ordinal);
        Assert.DoesNotContain("operator", await RawHttp.GetAsync(Edge, "/empty", Browser), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_for_HEAD_has_a_length_and_no_body()
    {
        var answer = await RawHttp.SendAsync(Edge, $"HEAD / HTTP/1.1\r\nHost: {A.Host}\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 404", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", answer, StringComparison.Ordinal);
    }

    private async Task PageAsync(string name, string text)
    {
        Directory.CreateDirectory(Path.Combine(Edge.Home, "errors"));
        await File.WriteAllTextAsync(Path.Combine(Edge.Home, "errors", name), text, Ct);
    }
}
