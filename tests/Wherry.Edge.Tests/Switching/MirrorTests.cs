using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Microsoft.AspNetCore.Http;
using Wherry.Core.Routing;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Switching;

/// <summary>Copies of requests go to a release that answers nobody.</summary>
public sealed class MirrorTests : OnAnEdge
{
    private static readonly TrafficSplit Rule = new() { Targets = ["shadow"], Share = 100, Mirror = new() { Methods = ["GET", "POST"], MaxBodyBytes = 1000 } };

    private readonly ConcurrentQueue<string> _copies = new();

    [Fact]
    public async Task The_shadow_gets_the_request_as_it_came_with_its_body_and_the_visitor_the_answer_of_the_other()
    {
        await using var stable = await Backend.StartAsync("stable");
        await using var shadow = await ShadowAsync(stable);
        await PutAsync(Rule, stable, shadow);

        Assert.Equal("stable", await Edge.GetAsync("/search?q=a%20b"));
        using var body = new StringContent("a small body", Encoding.UTF8, "text/csv");
        using var answer = await Edge.Http.PostAsync(new Uri("/orders", UriKind.Relative), body, Ct);

        Assert.Equal("stable", await answer.Content.ReadAsStringAsync(Ct));
        await Eventually.TrueAsync(() => _copies.Count == 2);
        Assert.Equal(["GET /search?q=a%20b shop.test 1  ", "POST /orders shop.test 1 text/csv; charset=utf-8 a small body"], _copies.Order());
        Assert.Equal(2, stable.Hits);
        var seen = (await CountedAsync(2)).Shared;
        Assert.Equal((2, 0, 0), (seen.Requests, seen.Failed, seen.LeftOut));
    }

    [Fact]
    public async Task A_shadow_that_were_the_only_writer_keeps_nobody_from_writing()
    {
        await using var stable = await Backend.StartAsync("stable");
        await using var shadow = await ShadowAsync(stable);
        await Edge.Control.PutAsync(A.Service(stable, shadow) with { Split = Rule, Rules = new() { Readers = new() }, Readers = ["stable"] }, Ct);

        using var answer = await Edge.Http.PostAsync(new Uri("/orders", UriKind.Relative), null, Ct).WaitAsync(TimeSpan.FromSeconds(10), Ct);

        Assert.Equal("stable", await answer.Content.ReadAsStringAsync(Ct));
    }

    [Fact]
    public async Task What_is_too_large_or_of_another_method_is_not_copied_and_arrives_whole_where_it_should()
    {
        await using var stable = await Backend.StartAsync("stable");
        await using var shadow = await ShadowAsync(stable);
        stable.On("/upload", async http =>
        {
            using var all = new MemoryStream();
            await http.Request.Body.CopyToAsync(all, http.RequestAborted);
            await http.Response.WriteAsync($"{all.Length}");
        });
        await PutAsync(Rule, stable, shadow);

        foreach (var chunked in (bool[])[false, true])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/upload") { Content = new ByteArrayContent(new byte[200_000]), Headers = { TransferEncodingChunked = chunked } };
            using var answer = await Edge.Http.SendAsync(request, Ct);
            Assert.Equal("200000", await answer.Content.ReadAsStringAsync(Ct));
        }

        using var deletion = await Edge.Http.DeleteAsync(new Uri("/orders/1", UriKind.Relative), Ct);
        await Eventually.TrueAsync(async () => (await Edge.Control.GetAsync()).Split!.Shared.LeftOut == 2);
        Assert.Empty(_copies);
    }

    [Fact]
    public async Task A_shadow_that_hangs_fails_or_is_gone_costs_no_visitor_anything()
    {
        await using var stable = await Backend.StartAsync("stable");
        await using var shadow = await Backend.StartAsync("shadow", stable);
        shadow.Otherwise = http => Task.Delay(Timeout.Infinite, http.RequestAborted);
        await PutAsync(Rule, stable, shadow);

        var watch = Stopwatch.StartNew();
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => Edge.GetAsync("/"))), answer => Assert.Equal("stable", answer));
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 15);
        var hanging = (await Edge.Control.GetAsync()).Split!;
        Assert.True(hanging.Shared.LeftOut > 500, $"{hanging}");
        Assert.InRange((await Edge.Control.GetAsync()).Targets.Single(t => t.Id == "shadow").InFlight, 1, 32);

        await shadow.StopAsync();
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Edge.GetAsync("/"))), answer => Assert.Equal("stable", answer));
        Assert.Equal(0, (await Edge.Control.GetAsync()).Split!.Others.Failed);
    }

    [Fact]
    public async Task A_shadow_that_fails_is_counted_on_its_side_and_when_it_is_let_go_its_copies_are_finished()
    {
        await using var stable = await Backend.StartAsync("stable");
        await using var shadow = await Backend.StartAsync("shadow", stable);
        shadow.Otherwise = async http =>
        {
            await Task.Delay(100, http.RequestAborted);
            http.Response.StatusCode = 500;
        };
        await PutAsync(Rule, stable, shadow);
        Assert.Equal("stable", await Edge.GetAsync("/"));
        Assert.Equal(1, (await CountedAsync(1)).Shared.Failed);

        Assert.Equal("stable", await Edge.GetAsync("/"));
        await Eventually.TrueAsync(async () => (await Edge.Control.GetAsync()).Targets.Single(t => t.Id == "shadow").InFlight == 1);
        Assert.Equal((1, 0), await Edge.Control.PutAsync(A.Service(stable), Ct) is var report ? (report.Drained, report.Cut) : default);
    }

    [Fact]
    public async Task When_all_that_answer_are_gone_the_shadow_does_not_answer_in_their_place()
    {
        await using var stable = await Backend.StartAsync("stable");
        await using var shadow = await Backend.StartAsync("shadow", stable);
        await PutAsync(Rule, stable, shadow);

        await stable.StopAsync();

        Assert.Equal(502, await Edge.StatusAsync("/"));
    }

    [Fact]
    public async Task A_visitor_cannot_pass_for_a_copy_and_a_share_is_a_share_of_the_visitors()
    {
        await using var stable = await Backend.StartAsync("stable");
        await using var shadow = await ShadowAsync(stable);
        stable.On("/", http => http.Response.WriteAsync($"[{http.Request.Headers["X-Wherry-Mirror"]}]"));
        await PutAsync(Rule with { Header = "X-User", Share = 20 }, stable, shadow);

        for (var i = 0; i < 200; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { { "X-User", $"user-{i}" }, { "X-Wherry-Mirror", "1" } } };
            using var answer = await Edge.Http.SendAsync(request, Ct);
            Assert.Equal("[]", await answer.Content.ReadAsStringAsync(Ct));
        }

        await Eventually.TrueAsync(async () => (await Edge.Control.GetAsync()).Split!.Shared.Requests == _copies.Count);
        Assert.InRange(_copies.Count, 20, 65);
    }

    [Theory]
    [InlineData("no target is left", "shadow,stable", 0, "GET")]
    [InlineData("maxBodyBytes", "shadow", 2 << 20, "GET")]
    [InlineData("is not a method", "shadow", 0, "GET ME")]
    public async Task A_mirror_that_makes_no_sense_is_refused(string why, string targets, long most, string method)
    {
        await using var stable = await Backend.StartAsync("stable");
        await using var shadow = await Backend.StartAsync("shadow", stable);

        var problem = await EdgeControl.ProblemOfAsync(() => PutAsync(new() { Targets = targets.Split(','), Mirror = new() { MaxBodyBytes = most, Methods = [method] } }, stable, shadow));

        Assert.Equal("edge/service", problem.Code);
        Assert.Contains(why, problem.Message, StringComparison.Ordinal);
    }

    private async Task<Backend> ShadowAsync(Backend stable)
    {
        var shadow = await Backend.StartAsync("shadow", stable);
        shadow.Otherwise = async http =>
        {
            var (request, body) = (http.Request, new StreamReader(http.Request.Body));
            _copies.Enqueue($"{request.Method} {request.Path}{request.QueryString} {request.Host} {request.Headers["X-Wherry-Mirror"]} {request.ContentType} {await body.ReadToEndAsync(http.RequestAborted)}");
        };
        return shadow;
    }

    private Task<SwitchReport> PutAsync(TrafficSplit rule, params Backend[] targets) => Edge.Control.PutAsync(A.Service(targets) with { Split = rule }, Ct);

    private async Task<SplitTraffic> CountedAsync(int copies)
    {
        await Eventually.TrueAsync(async () => (await Edge.Control.GetAsync()).Split!.Shared.Requests >= copies);
        return (await Edge.Control.GetAsync()).Split!;
    }
}
