using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Edge.Acme.Solving;
using Wherry.Edge.Tests.Acme.Rig;

namespace Wherry.Edge.Tests.Acme;

/// <summary>Zones that Cloudflare's API or a program writes.</summary>
public sealed class DnsProviderTests : IDisposable
{
    private static readonly DnsText Text = new(HostName.Parse("shop.test"), "_acme-challenge.shop.test", "v-_1");

    private readonly TestHome _home = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task Cloudflare_is_asked_for_the_zone_and_given_the_record()
    {
        var asked = new ConcurrentQueue<string>();
        await using var server = await LocalServer.StartAsync(null, async http =>
        {
            using var body = new StreamReader(http.Request.Body);
            asked.Enqueue($"{http.Request.Method} {http.Request.Path}{http.Request.QueryString} {http.Request.Headers.Authorization} {await body.ReadToEndAsync()}".Trim());
            await http.Response.WriteAsync(http.Request.Path.Value switch
            {
                "/client/v4/zones" => """{"success":true,"errors":[],"messages":[],"result":[{"id":"z1","name":"shop.test"}]}""",
                "/client/v4/zones/z1/dns_records" when http.Request.Method == "GET" => """{"success":true,"errors":[],"result":[{"id":"r1","name":"_acme-challenge.shop.test","content":"\"v-_1\""},{"id":"r2","name":"_acme-challenge.shop.test","content":"another"}]}""",
                _ => """{"success":true,"errors":[],"result":{"id":"r1"}}""",
            });
        });
        using var cloudflare = new Cloudflare(new("t0ken") { Api = new(server.Url, "/client/v4/") });

        await cloudflare.AddAsync(Text, CancellationToken.None);
        await cloudflare.RemoveAsync(Text, CancellationToken.None);

        Assert.Equal(
        [
            "GET /client/v4/zones?name=shop.test Bearer t0ken",
            """POST /client/v4/zones/z1/dns_records Bearer t0ken {"type":"TXT","name":"_acme-challenge.shop.test","content":"v-_1","ttl":60}""",
            "GET /client/v4/zones?name=shop.test Bearer t0ken",
            "GET /client/v4/zones/z1/dns_records?type=TXT&name=_acme-challenge.shop.test Bearer t0ken",
            "DELETE /client/v4/zones/z1/dns_records/r1 Bearer t0ken",
        ], asked);
    }

    [Theory]
    [InlineData(403, """{"success":false,"errors":[{"code":9109,"message":"Unauthorized to access requested resource"}],"result":null}""", "9109")]
    [InlineData(200, """{"success":true,"errors":[],"result":[]}""", "no zone")]
    [InlineData(502, "<html>bad gateway</html>", "invalid start")]
    [InlineData(200, "null", "null")]
    public async Task What_cloudflare_refuses_is_told_without_the_token(int status, string body, string told)
    {
        await using var server = await LocalServer.StartAsync(null, http =>
        {
            http.Response.StatusCode = status;
            return http.Response.WriteAsync(body);
        });
        using var cloudflare = new Cloudflare(new("t0ken") { Api = server.Url });

        var refused = await Assert.ThrowsAsync<ProblemException>(() => cloudflare.AddAsync(Text, CancellationToken.None));

        Assert.Equal("acme/dns-provider", refused.Problem.Code);
        Assert.Contains(told, refused.Problem.Message);
        Assert.DoesNotContain("t0ken", JsonSerializer.Serialize(refused.Problem));
    }

    [Fact]
    public async Task A_program_gets_its_arguments_as_they_are_and_an_environment_of_its_own()
    {
        var program = await ProgramAsync("""printf '<%s>' "$@" > "$OUT"; env | grep -v -e '^PWD=' -e '^_=' -e '^SHLVL=' | sort | tr '\n' ';' >> "$OUT" """);
        var output = Path.Combine(_home.Path, "out");
        var exec = new DnsExec(new(program, ["--zone file", "$(touch hacked)"]) { Environment = new Dictionary<string, string> { ["OUT"] = output, ["API_TOKEN"] = "s3cret-token" } }, TimeProvider.System);

        await exec.AddAsync(Text, CancellationToken.None);

        var seen = await File.ReadAllTextAsync(output);
        Assert.StartsWith("<--zone file><$(touch hacked)><add><_acme-challenge.shop.test><v-_1><shop.test>API_TOKEN=s3cret-token;OUT=", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("HOME=", seen);
    }

    [Fact]
    public async Task A_program_that_fails_is_quoted_without_its_secrets()
    {
        var program = await ProgramAsync("""echo "denied for $API_TOKEN" >&2; exit 7""");
        var exec = new DnsExec(new(program, []) { Environment = new Dictionary<string, string> { ["API_TOKEN"] = "s3cret-token" } }, TimeProvider.System);

        var refused = await Assert.ThrowsAsync<ProblemException>(() => exec.RemoveAsync(Text, CancellationToken.None));

        Assert.Contains("exit code 7", refused.Problem.Message);
        Assert.Equal(["denied for ••••••"], refused.Problem.Evidence);
    }

    [Fact]
    public async Task A_program_that_hangs_is_ended_with_all_that_it_started()
    {
        var mark = $"{Random.Shared.Next(10_000, 99_999)}";
        var program = await ProgramAsync($"sleep 9{mark} & echo started; wait");
        var exec = new DnsExec(new(program, []) { Within = TimeSpan.FromSeconds(1) }, TimeProvider.System);
        var watch = Stopwatch.StartNew();

        var refused = await Assert.ThrowsAsync<ProblemException>(() => exec.AddAsync(Text, CancellationToken.None));

        Assert.Contains("did not end within 1 s", refused.Problem.Message);
        Assert.Equal(["started"], refused.Problem.Evidence);
        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(8));
        await Wherry.Edge.Tests.Rig.Eventually.TrueAsync(() => !Directory.GetDirectories("/proc").Any(d => IsRunning(d, $"9{mark}")));
    }

    [Theory]
    [InlineData("no/absolute/path", "not absolute")]
    [InlineData("/does/not/exist", "No such file")]
    public async Task A_program_that_is_not_there_is_told(string program, string told)
    {
        var exec = new DnsExec(new(program, []), TimeProvider.System);

        var refused = await Assert.ThrowsAsync<ProblemException>(() => exec.AddAsync(Text, CancellationToken.None));

        Assert.Contains(told, refused.Problem.Message);
    }

    [Fact]
    public void The_longest_zone_is_written_and_foreign_names_are_left_alone()
    {
        var exec = new DnsExec(new("/bin/true", []), TimeProvider.System);
        var challenges = new DnsChallenges([new(HostName.Parse("shop.test"), exec) { SettleFor = TimeSpan.FromSeconds(1) }, new(HostName.Parse("dev.shop.test"), exec) { SettleFor = TimeSpan.FromSeconds(2) }]);

        Assert.True(challenges.CanSolve(HostName.Parse("*.shop.test")));
        Assert.False(challenges.CanSolve(HostName.Parse("workshop.test")));
        Assert.Equal(TimeSpan.FromSeconds(2), challenges.SettleFor(HostName.Parse("a.dev.shop.test")));
        Assert.Equal(TimeSpan.FromSeconds(1), challenges.SettleFor(HostName.Parse("a.shop.test")));
    }

    private static bool IsRunning(string process, string argument)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Contains(argument, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private async Task<string> ProgramAsync(string script)
    {
        var path = Path.Combine(_home.Path, "provider");
        await File.WriteAllTextAsync(path, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return path;
    }
}
