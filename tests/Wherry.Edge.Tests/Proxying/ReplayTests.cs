using Microsoft.AspNetCore.Http;
using Wherry.Core.Model;
using Wherry.Core.Routing;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Proxying;

/// <summary>What becomes of a request whose target breaks off before it answers.</summary>
public sealed class ReplayTests : OnAnEdge
{
    [Theory]
    [InlineData("GET", 0)]
    [InlineData("HEAD", 0)]
    [InlineData("OPTIONS", 0)]
    [InlineData("DELETE", 0)]
    [InlineData("PUT", 1000)]
    [InlineData("PUT", 64 << 10)]
    public async Task What_may_be_sent_twice_is_answered_by_another_target(string method, int body)
    {
        await using var good = await Backend.StartAsync("good");
        await using var broken = await BrokenAsync(beside: good);
        await Edge.Control.PutAsync(A.Service(good, broken), Ct);

        for (var i = 0; i < 4; i++)
        {
            Assert.Equal($"200 {(method == "HEAD" ? "" : body == 0 ? "good" : $"good {body}")}", await SendAsync(method, body));
        }

        Assert.Equal(4, good.Hits);
        Assert.InRange(broken.Hits, 2, 4);
    }

    [Theory]
    [InlineData("POST", 0)]
    [InlineData("POST", 100)]
    [InlineData("PATCH", 100)]
    [InlineData("PUT", (64 << 10) + 1)]
    public async Task What_may_have_had_its_effect_or_has_a_large_body_is_not_sent_twice(string method, int body)
    {
        await using var good = await Backend.StartAsync("good");
        await using var broken = await BrokenAsync(beside: good);
        await Edge.Control.PutAsync(A.Service(good, broken), Ct);

        var answers = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            answers.Add((await SendAsync(method, body))[..3]);
        }

        Assert.Equal(["200", "200", "502", "502"], answers.Order());
        Assert.Equal((2, 2), (good.Hits, broken.Hits));
    }

    [Fact]
    public async Task A_request_is_sent_once_more_and_not_to_all()
    {
        await using var good = await Backend.StartAsync("good");
        await using var first = await BrokenAsync(beside: good);
        await using var second = await BrokenAsync(beside: good);
        await Edge.Control.PutAsync(A.Service(first, second) with { Targets = [first.Target, second.Target with { Id = "second" }, good.Target] }, Ct);

        Assert.Contains("502", await AnswersAsync(9));

        await Edge.Control.PutAsync(With(new() { Retries = 2 }, first, second, good), Ct);
        Assert.All(await AnswersAsync(9), answer => Assert.Equal("200", answer));
    }

    [Fact]
    public async Task A_route_may_refuse_to_send_anything_twice()
    {
        await using var good = await Backend.StartAsync("good");
        await using var broken = await BrokenAsync(beside: good);
        await Edge.Control.PutAsync(With(new() { Retries = 0 }, broken, good), Ct);

        Assert.Equal(["200", "200", "502", "502"], (await AnswersAsync(4)).Order());
        Assert.Equal(2, broken.Hits);
    }

    [Fact]
    public async Task An_answer_that_has_begun_is_not_asked_for_again()
    {
        await using var good = await Backend.StartAsync("good");
        await using var broken = await Backend.StartAsync("broken", beside: good);
        broken.Otherwise = async http =>
        {
            await http.Response.WriteAsync(new string('x', 10_000));
            await http.Response.Body.FlushAsync();
            await Task.Delay(300);
            http.Abort();
        };
        await Edge.Control.PutAsync(A.Service(good, broken), Ct);

        var whole = 0;
        for (var i = 0; i < 4; i++)
        {
            try
            {
                whole += await Edge.GetAsync("/") == "good" ? 1 : 0;
            }
            catch (HttpRequestException)
            {
                // Cut in the middle, as it was for the edge.
            }
        }

        Assert.Equal((2, 2, 2), (whole, good.Hits, broken.Hits));
    }

    [Fact]
    public async Task A_lone_target_that_breaks_off_is_a_502_that_says_so()
    {
        await using var broken = await BrokenAsync();
        await Edge.Control.PutAsync(A.Service(broken), Ct);

        Assert.Contains("The service broke off the connection.", await Edge.GetAsync("/"), StringComparison.Ordinal);
        Assert.Equal(1, broken.Hits);
    }

    /// <summary>Takes requests with their bodies, and never answers.</summary>
    private static async Task<Backend> BrokenAsync(Backend? beside = null)
    {
        var broken = await Backend.StartAsync("broken", beside);
        if (beside is not null)
        {
            beside.Otherwise = EchoLengthAsync;
        }

        broken.Otherwise = async http =>
        {
            await http.Request.Body.CopyToAsync(Stream.Null, http.RequestAborted);
            http.Abort();
        };
        return broken;
    }

    private static async Task EchoLengthAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        await http.Response.WriteAsync(body.Length == 0 ? "good" : $"good {body.Length}", http.RequestAborted);
    }

    private static EdgeService With(RouteRules rules, params Backend[] targets) => A.Service(targets[0]) with
    {
        Routes = [A.Route(targets[0].Port) with { Rules = rules }],
        Targets = [.. targets.Select((t, i) => t.Target with { Id = $"{t.Id}-{i}" })],
    };

    private async Task<IReadOnlyList<string>> AnswersAsync(int count)
    {
        var answers = new List<string>();
        for (var i = 0; i < count; i++)
        {
            answers.Add((await SendAsync("GET", 0))[..3]);
        }

        return answers;
    }

    private async Task<string> SendAsync(string method, int body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Parse(method), "/") { Content = body == 0 ? null : new ByteArrayContent(new byte[body]) };
        using var response = await Edge.Http.SendAsync(request, Ct);
        return $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync(Ct)}";
    }
}
