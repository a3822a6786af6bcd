using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Wherry.Client;
using Wherry.Server.Access;

namespace Wherry.Server.Tests.Access;

public sealed class CredentialsTests : IAsyncLifetime
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });
    private Home _home = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _home = await Home.StartAsync();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _home.DisposeAsync();
    }

    [Fact]
    public async Task The_socket_is_for_its_owner_alone_and_makes_an_administrator_without_a_token()
    {
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_home.Options.Socket));

        using var client = _home.OverSocket();
        Assert.Empty(await client.TokensAsync(Ct));
    }

    [Fact]
    public async Task Over_TCP_nothing_answers_without_a_token_whatever_else_is_claimed()
    {
        Assert.Equal((401, "token/missing"), await AskAsync());
        Assert.Equal((401, "token/missing"), await AskAsync(r => r.Headers.Host = "wherry"));
        Assert.Equal((401, "token/missing"), await AskAsync(r => r.Headers.TryAddWithoutValidation("X-Forwarded-For", "127.0.0.1")));
        Assert.Equal((401, "token/missing"), await AskAsync(r => r.Headers.TryAddWithoutValidation("Cookie", "token=x")));
        Assert.Equal((401, "token/missing"), await AskAsync(r => r.Headers.TryAddWithoutValidation("Authorization", "Bearer")));
        Assert.Equal((401, "token/missing"), await AskAsync(r => r.Headers.TryAddWithoutValidation("Authorization", "Basic ???")));
        Assert.Equal((401, "token/missing"), await AskAsync(r => r.Headers.TryAddWithoutValidation("Authorization", "Digest abc")));
        Assert.Equal((401, "token/unknown"), await AskAsync(r => r.Headers.Authorization = new("Bearer", "wherry_wrong")));
        Assert.Equal((401, "token/unknown"), await AskAsync(r => r.Headers.Authorization = Basic("git", "wherry_wrong")));
        Assert.Equal((401, "token/unknown"), await AskAsync(r => r.Headers.Authorization = new("Bearer", "' OR 1=1 --")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("git")]
    [InlineData("anyone")]
    public async Task A_token_is_taken_as_the_password_of_any_user(string user)
    {
        var token = await TokenAsync(TokenScope.Admin);

        Assert.Equal((200, null), await AskAsync(r => r.Headers.Authorization = Basic(user, token)));
        Assert.Equal((200, null), await AskAsync(r => r.Headers.Authorization = new("bearer", token)));
    }

    [Theory]
    [InlineData(TokenScope.Read)]
    [InlineData(TokenScope.Deploy)]
    public async Task A_token_without_the_scope_is_told_which_one_it_needs(TokenScope scope)
    {
        var token = await TokenAsync(scope);

        Assert.Equal((403, "token/scope"), await AskAsync(r => r.Headers.Authorization = new("Bearer", token)));
    }

    [Fact]
    public async Task A_web_page_of_another_origin_cannot_use_a_token_that_the_browser_remembers()
    {
        var token = await TokenAsync(TokenScope.Admin);
        void Remembered(HttpRequestMessage r) => r.Headers.Authorization = Basic("me", token);

        Assert.Equal((403, "request/cross-origin"), await AskAsync(r => { Remembered(r); r.Headers.Add("Origin", "https://evil.example"); }));
        Assert.Equal((403, "request/cross-origin"), await AskAsync(r => { Remembered(r); r.Headers.Add("Origin", "null"); }));
        Assert.Equal((403, "request/cross-origin"), await AskAsync(r => { Remembered(r); r.Headers.Add("Sec-Fetch-Site", "cross-site"); }));
        Assert.Equal((403, "request/cross-origin"), await AskAsync(r => { Remembered(r); r.Headers.Add("Sec-Fetch-Site", "same-site"); }));
        Assert.Equal((200, null), await AskAsync(r => { Remembered(r); r.Headers.Add("Origin", _home.Address.GetLeftPart(UriPartial.Authority)); r.Headers.Add("Sec-Fetch-Site", "same-origin"); }));
    }

    [Fact]
    public async Task No_answer_lets_another_origin_read_it()
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, new Uri(_home.Address, "/api/v1/tokens"));
        request.Headers.Add("Origin", "https://evil.example");
        request.Headers.Add("Access-Control-Request-Method", "POST");
        using var answer = await _http.SendAsync(request, Ct);

        Assert.False(answer.IsSuccessStatusCode);
        Assert.DoesNotContain(answer.Headers, h => h.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Guessing_is_slowed_down_and_never_locks_out_a_token_that_works()
    {
        var token = await TokenAsync(TokenScope.Admin);
        var answers = new List<(int, string?)>();
        for (var n = 0; n < 3 * FailedAttempts.MaxPerMinute; n++)
        {
            answers.Add(await AskAsync(r => r.Headers.Authorization = new("Bearer", $"wherry_{n}")));
        }

        // A minute may begin in between, with a new count.
        Assert.Contains((429, "token/too-many-failures"), answers);
        Assert.InRange(answers.Count(a => a.Item1 == 401), FailedAttempts.MaxPerMinute, 2 * FailedAttempts.MaxPerMinute);
        Assert.Equal((200, null), await AskAsync(r => r.Headers.Authorization = new("Bearer", token)));
    }

    private static AuthenticationHeaderValue Basic(string user, string password) => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));

    private async Task<string> TokenAsync(TokenScope scope)
    {
        using var admin = _home.OverSocket();
        return (await admin.CreateTokenAsync(new CreateToken($"t-{Guid.NewGuid():N}", scope), Ct)).Secret;
    }

    private async Task<(int Status, string? Code)> AskAsync(Action<HttpRequestMessage>? with = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_home.Address, "/api/v1/tokens"));
        with?.Invoke(request);
        using var answer = await _http.SendAsync(request, Ct);
        var body = await answer.Content.ReadAsStringAsync(Ct);
        return ((int)answer.StatusCode, answer.StatusCode == HttpStatusCode.OK ? null : JsonSerializer.Deserialize(body, ClientJson.Default.ApiProblem)!.Code);
    }
}
