using System.Buffers.Text;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Wherry.Core.Problems;
using Wherry.Edge.Acme;
using Wherry.Edge.Tests.Acme.Rig;

namespace Wherry.Edge.Tests.Acme;

/// <summary>Authorities that lie, hang or talk too much. No real one does, so a small server does it.</summary>
public sealed class BadAuthorityTests : IAsyncDisposable
{
    private readonly TestHome _home = new();
    private readonly TestCa _ca = new();
    private LocalServer? _server;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _home.Dispose();
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("<html>")]
    [InlineData("""{"newNonce":"https://x/","newAccount":"::","newOrder":7}""")]
    public async Task What_is_no_directory_is_a_bad_answer(string body)
    {
        Assert.Equal("acme/bad-answer", (await AskAsync(http => http.Response.WriteAsync(body))).Problem.Code);
    }

    [Fact]
    public async Task A_directory_cannot_lead_away_from_https()
    {
        var refused = await AskAsync(http => http.Response.WriteAsync(Directory(http, newNonce: "http://169.254.169.254/latest")));

        Assert.Equal("acme/not-https", refused.Problem.Code);
    }

    [Fact]
    public async Task Redirects_are_not_followed()
    {
        var asked = 0;
        var refused = await AskAsync(http =>
        {
            asked++;
            http.Response.Redirect("/elsewhere");
            return Task.CompletedTask;
        });

        Assert.Equal("acme/refused", refused.Problem.Code);
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task An_answer_without_end_is_cut_off()
    {
        var hungUp = new TaskCompletionSource();
        var refused = await AskAsync(async http =>
        {
            var piece = new byte[64 << 10];
            try
            {
                while (!http.RequestAborted.IsCancellationRequested)
                {
                    await http.Response.Body.WriteAsync(piece, http.RequestAborted);
                }
            }
            finally
            {
                hungUp.TrySetResult();
            }
        });

        Assert.Equal("acme/unreachable", refused.Problem.Code);
        Assert.Contains("1048576", refused.Problem.Message);
        await hungUp.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task An_answer_that_does_not_come_is_not_waited_for()
    {
        var refused = await AskAsync(http => Task.Delay(Timeout.Infinite, http.RequestAborted), o => o with { AnswerWithin = TimeSpan.FromMilliseconds(300) });

        Assert.Equal("acme/unreachable", refused.Problem.Code);
        Assert.Contains("0.3 s", refused.Problem.Message);
    }

    [Theory]
    [InlineData("3600")]
    [InlineData("date")]
    public async Task A_rate_limit_is_heeded_to_the_second(string how)
    {
        var at = DateTimeOffset.UtcNow.AddHours(1);
        _server = await LocalServer.StartAsync(_ca, http => Authority(http, async order =>
        {
            order.Response.StatusCode = 429;
            order.Response.Headers.RetryAfter = how == "date" ? at.ToString("R") : how;
            await order.Response.WriteAsync("""{"type":"urn:ietf:params:acme:error:rateLimited","detail":"too many certificates (5) already issued"}""");
        }));
        using var issuing = new Issuing(Options());
        var names = Issuing.Names("shop.example");

        var refused = await Assert.ThrowsAsync<ProblemException>(() => issuing.Orders.IssueAsync(names, CancellationToken.None));

        Assert.Equal("acme/rate-limited", refused.Problem.Code);
        Assert.Contains("too many certificates", refused.Problem.Message);
        Assert.InRange(refused.RetryAt!.Value, at.AddSeconds(-5), at.AddSeconds(60));
        Assert.Equal(refused.RetryAt, issuing.Files.Load(names).NextAttempt);

        // Also after a restart nobody asks before then.
        using var restarted = new Issuing(Options());
        using var shortly = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var news in restarted.Keeper.KeepAsync(names, shortly.Token))
            {
                Assert.Fail(news.ToString());
            }
        });
    }

    [Fact]
    public async Task A_nonce_that_is_never_right_is_not_tried_for_ever()
    {
        var asked = 0;
        _server = await LocalServer.StartAsync(_ca, http => Authority(http, async order =>
        {
            asked++;
            order.Response.StatusCode = 400;
            await order.Response.WriteAsync("""{"type":"urn:ietf:params:acme:error:badNonce"}""");
        }));

        Assert.Equal("acme/refused", (await OrderAsync()).Problem.Code);
        Assert.Equal(20, asked);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"status":"pending","authorizations":["https://x.example/"],"finalize":null}""")]
    [InlineData("""{"status":"strange","authorizations":[],"finalize":"https://x.example/"}""")]
    [InlineData("""{"status":"pending","authorizations":[null],"finalize":"https://x.example/"}""")]
    [InlineData("""{"status":"valid","authorizations":[],"finalize":"https://x.example/","certificate":"file:///etc/passwd"}""")]
    public async Task An_order_that_makes_no_sense_is_refused(string body)
    {
        _server = await LocalServer.StartAsync(_ca, http => Authority(http, order =>
        {
            order.Response.StatusCode = 201;
            order.Response.Headers.Location = "/order/1";
            return order.Response.WriteAsync(body);
        }));
        using var issuing = new Issuing(Options());

        var refused = await Assert.ThrowsAsync<ProblemException>(() => issuing.Orders.IssueAsync(Issuing.Names("shop.example"), CancellationToken.None));

        Assert.StartsWith("acme/", refused.Problem.Code, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_renewal_names_what_it_replaces_and_goes_on_without_when_that_is_replaced_already()
    {
        var orders = new List<string>();
        _server = await LocalServer.StartAsync(_ca, http => Authority(http, async order =>
        {
            var jws = await JsonDocument.ParseAsync(order.Request.Body);
            orders.Add(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(jws.RootElement.GetProperty("payload").GetString())));
            order.Response.StatusCode = orders.Count == 1 ? 409 : 403;
            await order.Response.WriteAsync($$"""{"type":"urn:ietf:params:acme:error:{{(orders.Count == 1 ? "alreadyReplaced" : "rejectedIdentifier")}}"}""");
        }));
        using var issuing = new Issuing(Options());
        using var old = _ca.Issue();
        var names = Issuing.Names("shop.example");
        issuing.Files.Save(names, new("") { Certificate = new(old.ExportCertificatePem(), old.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem(), Options().Directory, DateTimeOffset.UtcNow, old.NotBefore, old.NotAfter) });

        await Assert.ThrowsAsync<ProblemException>(() => issuing.Orders.IssueAsync(names, CancellationToken.None));

        Assert.Contains($"\"replaces\":\"{AcmeClient.RenewalId(old)}\"", orders[0]);
        Assert.DoesNotContain("replaces", orders[1]);
        Assert.NotNull(issuing.Orders.Find(names));
    }

    [Fact]
    public async Task What_the_authority_says_cannot_break_a_line()
    {
        _server = await LocalServer.StartAsync(_ca, http => Authority(http, async order =>
        {
            order.Response.StatusCode = 400;
            await order.Response.WriteAsync(JsonSerializer.Serialize(new { type = "x", detail = "a\n\u001b[31mb" + new string('c', 5000) }));
        }));

        var refused = await OrderAsync();

        Assert.DoesNotContain(refused.Problem.Message + string.Concat(refused.Problem.Evidence), char.IsControl);
        Assert.InRange(refused.Problem.Message.Length, 1, 600);
    }

    private async Task<ProblemException> AskAsync(RequestDelegate answer, Func<AcmeOptions, AcmeOptions>? change = null)
    {
        _server = await LocalServer.StartAsync(_ca, answer);
        return await OrderAsync(change);
    }

    private async Task<ProblemException> OrderAsync(Func<AcmeOptions, AcmeOptions>? change = null)
    {
        using var client = new AcmeClient((change ?? (o => o))(Options()));
        return await Assert.ThrowsAsync<ProblemException>(() => client.NewOrderAsync(Issuing.Names("shop.example"), null, CancellationToken.None));
    }

    private AcmeOptions Options() => new() { Home = _home.Path, Directory = new(_server!.Url, "/dir"), TrustedRoots = _ca.Pem };

    /// <summary>Gives out nonces and accounts; orders are the test's.</summary>
    private static Task Authority(HttpContext http, RequestDelegate order)
    {
        http.Response.Headers["Replay-Nonce"] = Guid.NewGuid().ToString("N");
        switch (http.Request.Path.Value)
        {
            case "/dir":
                return http.Response.WriteAsync(Directory(http));
            case "/nonce":
                return Task.CompletedTask;
            case "/account":
                http.Response.StatusCode = 201;
                http.Response.Headers.Location = "/account/1";
                return http.Response.WriteAsync("""{"status":"valid"}""");
            default:
                return order(http);
        }
    }

    private static string Directory(HttpContext http, string? newNonce = null)
    {
        var root = $"https://{http.Request.Host}";
        return JsonSerializer.Serialize(new { newNonce = newNonce ?? $"{root}/nonce", newAccount = $"{root}/account", newOrder = $"{root}/order", revokeCert = $"{root}/revoke", keyChange = $"{root}/key", renewalInfo = $"{root}/ari" });
    }
}
