using System.Net.Http.Json;
using System.Text;
using Wherry.Client;
using Wherry.Server.Tests.Deployments;

namespace Wherry.Server.Tests.Access;

/// <summary>Whatever is sent to the API is answered with a problem that has a code.</summary>
public sealed class WordlessRequestTests(LiveWherry wherry)
{
    [Theory]
    [InlineData("POST", "/api/v1/projects", """{ "name": null }""", 400, "request/invalid")]
    [InlineData("POST", "/api/v1/projects/x/environments/production/scale", """{ "replicas": null }""", 400, "request/invalid")]
    [InlineData("GET", "/api/v1/nothing", null, 404, "request/not-found")]
    [InlineData("PUT", "/api/v1/projects", "{}", 405, "request/method")]
    public async Task A_request_that_nobody_expects_gets_a_problem(string method, string path, string? body, int status, string code)
    {
        var token = await wherry.Client.CreateTokenAsync(new CreateToken($"odd-{Guid.NewGuid():N}", TokenScope.Admin), default);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var request = new HttpRequestMessage(new HttpMethod(method), $"http://{wherry.Options.Listen}{path}");
        request.Headers.Authorization = new("Bearer", token.Secret);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");

        using var response = await http.SendAsync(request);

        Assert.Equal((status, code), ((int)response.StatusCode, (await response.Content.ReadFromJsonAsync(ClientJson.Default.ApiProblem))!.Code));
    }

    [Fact]
    public async Task A_variable_without_a_value_is_refused()
    {
        var project = await wherry.ProjectAsync();

        var refused = await Assert.ThrowsAsync<ApiException>(() => wherry.Client.ChangeVariablesAsync(project, "production", new ChangeVariables(new Dictionary<string, string> { ["A"] = null! }, []), default));

        Assert.Equal("variable/value", refused.Problem.Code);
    }
}
