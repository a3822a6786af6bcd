using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Wherry.Client;
using Wherry.Core.Problems;
using Wherry.Server.Access;

namespace Wherry.Server.Tests.Access;

public sealed class ProblemAnswerTests
{
    [Theory]
    [InlineData("token/missing", 401)]
    [InlineData("token/unknown", 401)]
    [InlineData("token/scope", 403)]
    [InlineData("request/cross-origin", 403)]
    [InlineData("project/not-found", 404)]
    [InlineData("deployment/not-found", 404)]
    [InlineData("token/exists", 409)]
    [InlineData("route/host-taken", 409)]
    [InlineData("docker/conflict", 409)]
    [InlineData("request/too-large", 413)]
    [InlineData("compose/unknown-key", 422)]
    [InlineData("token/name", 422)]
    [InlineData("token/too-many-failures", 429)]
    [InlineData("deployment/queue-full", 429)]
    [InlineData("docker/unreachable", 503)]
    [InlineData("edge/unreachable", 503)]
    public async Task A_problem_becomes_its_status_with_code_message_and_hint(string code, int status)
    {
        var (got, problem, _) = await AnswerAsync(new Problem(code, "What happened.", "What to do.").AsException());

        Assert.Equal(status, got);
        Assert.Equivalent(new ApiProblem(code, "What happened.", "What to do."), problem);
    }

    [Fact]
    public async Task A_bug_becomes_500_and_tells_nothing_of_its_details()
    {
        var (status, problem, body) = await AnswerAsync(new InvalidOperationException("password=s3cret at /var/lib/wherry"));

        Assert.Equal((500, "server/bug"), (status, problem.Code));
        Assert.DoesNotContain("s3cret", body, StringComparison.Ordinal);
        Assert.DoesNotContain("/var/lib", body, StringComparison.Ordinal);
        Assert.DoesNotContain(" at ", body.Replace("server's log", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400, "request/invalid")]
    [InlineData(413, "request/too-large")]
    public async Task A_request_that_cannot_be_read_says_so(int status, string code)
    {
        var (got, problem, _) = await AnswerAsync(new BadHttpRequestException("no JSON", status));

        Assert.Equal((status, code), (got, problem.Code));
    }

    [Theory]
    [InlineData(400, "request/invalid")]
    [InlineData(404, "request/not-found")]
    [InlineData(405, "request/method")]
    [InlineData(413, "request/too-large")]
    [InlineData(415, "request/media-type")]
    public async Task A_refusal_without_a_word_gets_one(int status, string code)
    {
        var context = new DefaultHttpContext { Response = { Body = new MemoryStream() } };

        await new ProblemAnswer(NullLogger<ProblemAnswer>.Instance).HandleAsync(context, http =>
        {
            http.Response.StatusCode = status;
            return Task.CompletedTask;
        });

        context.Response.Body.Position = 0;
        Assert.Equal((status, code), (context.Response.StatusCode, (await JsonSerializer.DeserializeAsync(context.Response.Body, ClientJson.Default.ApiProblem, TestContext.Current.CancellationToken))!.Code));
    }

    [Fact]
    public async Task Only_a_401_asks_for_credentials()
    {
        Assert.Contains("Basic", (await ContextAsync(new Problem("token/missing", "", "").AsException())).Response.Headers.WWWAuthenticate.ToString(), StringComparison.Ordinal);
        Assert.Empty((await ContextAsync(new Problem("token/scope", "", "").AsException())).Response.Headers.WWWAuthenticate.ToString());
    }

    private static async Task<(int Status, ApiProblem Problem, string Body)> AnswerAsync(Exception thrown)
    {
        var context = await ContextAsync(thrown);
        context.Response.Body.Position = 0;
        var body = await new StreamReader(context.Response.Body).ReadToEndAsync(TestContext.Current.CancellationToken);
        return (context.Response.StatusCode, JsonSerializer.Deserialize(body, ClientJson.Default.ApiProblem)!, body);
    }

    private static async Task<HttpContext> ContextAsync(Exception thrown)
    {
        var context = new DefaultHttpContext { Response = { Body = new MemoryStream() } };
        await new ProblemAnswer(NullLogger<ProblemAnswer>.Instance).HandleAsync(context, _ => throw thrown);
        return context;
    }
}
