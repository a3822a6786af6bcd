using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Wherry.Core.Model;
using Wherry.Core.Routing;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Sites;

/// <summary>Files of a release that the edge serves without asking a target.</summary>
public sealed class SiteFilesTests : OnAnEdge
{
    private const string Version = $"{A.Key}/one";

    [Fact]
    public async Task What_is_a_file_is_served_and_everything_else_goes_to_the_target()
    {
        await using var web = await Backend.StartAsync("web1");
        Put("index.html", "<h1>home</h1>");
        Put("docs/index.html", "<h1>docs</h1>");
        Put("a b/ü.txt", "spaces");
        await Edge.Control.PutAsync(With(web, new()), Ct);

        Assert.Equal("<h1>home</h1>", await Edge.GetAsync("/"));
        Assert.Equal("<h1>home</h1>", await Edge.GetAsync("/index.html?v=1"));
        Assert.Equal("<h1>docs</h1>", await Edge.GetAsync("/docs/"));
        Assert.Equal("spaces", await Edge.GetAsync("/a%20b/%C3%BC.txt"));
        using var moved = await Edge.Http.GetAsync(new Uri("/docs?a=b", UriKind.Relative), Ct);
        Assert.Equal((HttpStatusCode.Redirect, "/docs/?a=b"), (moved.StatusCode, moved.Headers.Location?.ToString()));
        Assert.Equal(0, web.Hits);

        Assert.Equal("web1", await Edge.GetAsync("/api"));
        using var posted = await Edge.Http.PostAsync(new Uri("/", UriKind.Relative), null, Ct);
        Assert.Equal("web1", await posted.Content.ReadAsStringAsync(Ct));
        var logged = await Edge.LoggedAsync("/index.html");
        Assert.Equal((200, 13), (logged["status"]!.GetValue<int>(), logged["bytesOut"]!.GetValue<int>()));
    }

    [Fact]
    public async Task An_answer_has_type_tag_and_length_and_is_not_sent_again_to_who_has_it()
    {
        await using var web = await Backend.StartAsync("web1");
        Put("app.js", "let a = 1;");
        Put("assets/logo.svg", "<svg/>");
        Put("data.unknown", "?");
        await Edge.Control.PutAsync(With(web, new() { Immutable = ["/assets"] }), Ct);

        using var first = await AskAsync("/app.js");
        Assert.Equal(("text/javascript; charset=utf-8", 10L, "no-cache"), (first.Content.Headers.ContentType!.ToString(), first.Content.Headers.ContentLength, first.Headers.CacheControl!.ToString()));
        using var again = await AskAsync("/app.js", r => r.Headers.IfNoneMatch.Add(first.Headers.ETag!));
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        using var head = await AskAsync("/app.js", r => r.Method = HttpMethod.Head);
        Assert.Equal((200, 10L), ((int)head.StatusCode, head.Content.Headers.ContentLength));
        using var asset = await AskAsync("/assets/logo.svg");
        Assert.Equal(("image/svg+xml", "public, max-age=31536000, immutable"), (asset.Content.Headers.ContentType!.ToString(), asset.Headers.GetValues("Cache-Control").Single()));
        using var unknown = await AskAsync("/data.unknown");
        Assert.Equal("application/octet-stream", unknown.Content.Headers.ContentType!.ToString());

        Put("app.js", "let a = 2;", $"{A.Key}/two");
        await Edge.Control.PutAsync(With(web, new()) with { Files = $"{A.Key}/two" }, Ct);
        using var changed = await AskAsync("/app.js", r => r.Headers.IfNoneMatch.Add(first.Headers.ETag!));
        Assert.Equal("let a = 2;", await changed.Content.ReadAsStringAsync(Ct));
    }

    [Fact]
    public async Task Ranges_are_served_and_wrong_ones_refused()
    {
        await using var web = await Backend.StartAsync("web1");
        Put("film.mp4", "0123456789");
        await Edge.Control.PutAsync(With(web, new()), Ct);

        using var part = await AskAsync("/film.mp4", r => r.Headers.Range = new RangeHeaderValue(2, 4));
        Assert.Equal((HttpStatusCode.PartialContent, "234", "bytes 2-4/10"), (part.StatusCode, await part.Content.ReadAsStringAsync(Ct), part.Content.Headers.ContentRange!.ToString()));
        using var end = await AskAsync("/film.mp4", r => r.Headers.Range = new RangeHeaderValue(null, 3));
        Assert.Equal("789", await end.Content.ReadAsStringAsync(Ct));
        using var beyond = await AskAsync("/film.mp4", r => r.Headers.Range = new RangeHeaderValue(10, 20));
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, beyond.StatusCode);
        using var other = await AskAsync("/film.mp4", r =>
        {
            r.Headers.Range = new RangeHeaderValue(2, 4);
            r.Headers.IfRange = new RangeConditionHeaderValue("\"another\"");
        });
        Assert.Equal("0123456789", await other.Content.ReadAsStringAsync(Ct));
    }

    [Theory]
    [InlineData("br, gzip", "br")]
    [InlineData("gzip", "gzip")]
    [InlineData("br;q=0, gzip;q=0.5", "gzip")]
    [InlineData("identity", null)]
    public async Task The_coded_file_beside_is_sent_to_who_takes_it(string accepts, string? coding)
    {
        await using var web = await Backend.StartAsync("web1");
        Put("app.css", "body {}");
        Put("app.css.br", "pretend brotli");
        var gzip = new MemoryStream();
        await using (var packer = new GZipStream(gzip, CompressionLevel.Fastest, leaveOpen: true))
        {
            await packer.WriteAsync("body {}"u8.ToArray(), Ct);
        }

        Put("app.css.gz", gzip.ToArray());
        await Edge.Control.PutAsync(With(web, new()), Ct);

        using var answer = await AskAsync("/app.css", r => r.Headers.TryAddWithoutValidation("Accept-Encoding", accepts));
        Assert.Equal((coding, "text/css; charset=utf-8", "Accept-Encoding"), (answer.Content.Headers.ContentEncoding.SingleOrDefault(), answer.Content.Headers.ContentType!.ToString(), answer.Headers.Vary.ToString()));
        var body = await answer.Content.ReadAsByteArrayAsync(Ct);
        Assert.Equal(coding switch { "br" => "pretend brotli"u8.ToArray(), "gzip" => gzip.ToArray(), _ => "body {}"u8.ToArray() }, body);
    }

    [Fact]
    public async Task A_page_of_a_single_page_application_is_its_index_and_a_service_needs_no_target()
    {
        Put("index.html", "<div id=app>");
        Put("app.js", "1");
        await Edge.Control.PutAsync(new EdgeService { Routes = [A.Route(80)], Targets = [], Rules = new() { Files = new() { From = "/app", Spa = true } }, Files = Version }, Ct);

        using var page = await AskAsync("/orders/42", r => r.Headers.Accept.ParseAdd("text/html"));
        Assert.Equal((200, "<div id=app>"), ((int)page.StatusCode, await page.Content.ReadAsStringAsync(Ct)));
        using var data = await AskAsync("/orders/42", r => r.Headers.Accept.ParseAdd("application/json"));
        Assert.Equal(404, (int)data.StatusCode);
        Assert.Equal("1", await Edge.GetAsync("/app.js"));

        await Edge.RestartAsync();
        Assert.Equal("1", await Edge.GetAsync("/app.js"));
    }

    [Theory]
    [InlineData("/../secret.txt")]
    [InlineData("/%2e%2e/secret.txt")]
    [InlineData("/..%2fsecret.txt")]
    [InlineData("/%2e%2e%2fsecret.txt")]
    [InlineData("/x/..%5c..%5csecret.txt")]
    [InlineData("//etc/passwd")]
    [InlineData("/etc/passwd%00.html")]
    [InlineData("/link.txt")]
    [InlineData("/linked/secret.txt")]
    [InlineData("/%252e%252e/secret.txt")]
    public async Task No_path_and_no_link_leads_out_of_the_folder(string path)
    {
        await using var web = await Backend.StartAsync("web1");
        Put("index.html", "home");
        await File.WriteAllTextAsync(Path.Combine(Edge.Home, "files", A.Key, "secret.txt"), "secret", Ct);
        File.CreateSymbolicLink(Path.Combine(Edge.Home, "files", Version, "link.txt"), Path.Combine(Edge.Home, "files", A.Key, "secret.txt"));
        Directory.CreateSymbolicLink(Path.Combine(Edge.Home, "files", Version, "linked"), Path.Combine(Edge.Home, "files", A.Key));
        await Edge.Control.PutAsync(With(web, new()), Ct);

        var answer = await RawHttp.GetAsync(Edge, path);

        Assert.DoesNotContain("secret\n", answer + "\n", StringComparison.Ordinal);
        Assert.DoesNotContain("root:", answer, StringComparison.Ordinal);
        Assert.Matches("^HTTP/1.1 (200|400) ", answer);
        Assert.True(answer.StartsWith("HTTP/1.1 400", StringComparison.Ordinal) || web.Hits == 1, answer);
    }

    [Fact]
    public async Task Rules_of_the_route_and_maintenance_hold_for_files()
    {
        await using var web = await Backend.StartAsync("web1");
        Put("sub/index.html", "home");
        var rules = new RouteRules { Deny = ["192.0.2.0/24"], ResponseHeaders = new() { Set = new Dictionary<string, string> { ["Cache-Control"] = "max-age=60", ["X-From"] = "edge" } }, NoIndex = true };
        await Edge.Control.PutAsync(With(web, new()) with { Routes = [A.Route(web.Port, path: "/shop", strip: true) with { Rules = rules }] }, Ct);

        using var answer = await AskAsync("/shop/sub/");
        Assert.Equal(("max-age=60", "edge", "noindex, nofollow"), (answer.Headers.CacheControl!.ToString(), answer.Headers.GetValues("X-From").Single(), answer.Headers.GetValues("X-Robots-Tag").Single()));
        using var moved = await AskAsync("/shop/sub");
        Assert.Equal("/shop/sub/", moved.Headers.Location?.ToString());
        await Edge.Control.MaintenanceAsync();
        Assert.Equal(503, await Edge.StatusAsync("/shop/sub/"));
    }

    [Fact]
    public async Task An_encoded_slash_leads_around_no_rule()
    {
        await using var web = await Backend.StartAsync("web1");
        Put("admin/index.html", "secret");
        var open = A.Route(web.Port);
        await Edge.Control.PutAsync(With(web, new()) with { Routes = [open, A.Route(web.Port, path: "/admin") with { Rules = new() { Deny = ["0.0.0.0/0"] } }] }, Ct);

        Assert.Equal(403, await Edge.StatusAsync("/admin/index.html"));
        foreach (var target in (string[])["/admin%2Findex.html", "/admin%2findex.html", "//admin/index.html", "/x/..%2fadmin/index.html", "/%2e/admin/index.html", "/x/../admin/index.html"])
        {
            Assert.DoesNotContain("secret", await RawHttp.GetAsync(Edge, target), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_folder_that_is_not_there_leaves_everything_to_the_targets_and_a_strange_name_is_refused()
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(With(web, new()) with { Files = "gone/away" }, Ct);
        Assert.Equal("web1", await Edge.GetAsync("/"));

        Assert.Equal("edge/service", (await EdgeControl.ProblemOfAsync(() => Edge.Control.PutAsync(With(web, new()) with { Files = "../../etc" }, Ct))).Code);
    }

    private static EdgeService With(Backend web, FilesRule rule) => A.Service(web) with { Rules = new() { Files = rule with { From = "/app/dist" } }, Files = Version };

    private void Put(string name, string content, string version = Version) => Put(name, Encoding.UTF8.GetBytes(content), version);

    private void Put(string name, byte[] content, string version = Version)
    {
        var path = Path.Combine(Edge.Home, "files", version, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
    }

    private async Task<HttpResponseMessage> AskAsync(string path, Action<HttpRequestMessage>? with = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        with?.Invoke(request);
        return await Edge.Http.SendAsync(request, Ct);
    }
}
