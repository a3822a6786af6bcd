using System.Net;
using Wherry.Client;
using Wherry.Server.Logs;
using Wherry.Server.Store;

namespace Wherry.Server.Tests.Logs;

public sealed class LogEndpointTests : IAsyncLifetime
{
    private Home _home = null!;
    private WherryClient _client = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _home = await Home.StartAsync();
        _client = _home.OverSocket();
        await _client.CreateProjectAsync(new CreateProject("shop"), Ct);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _home.DisposeAsync();
    }

    [Fact]
    public async Task A_followed_deployment_is_told_line_by_line_masked_and_ends_with_it()
    {
        await AddDeploymentAsync("d1", ended: false);
        using var log = _home.Get<LogStore>().OpenDeployment("shop", "production", "d1", new SecretMask(["hunter22"]));
        await using var lines = _client.DeploymentLogAsync("d1", new LogQuery { Follow = true }, Ct).GetAsyncEnumerator(Ct);

        await log.WriteAsync("build", "stdout", "one\ntoken=hunter22\r\n");
        Assert.Equal("one", await NextAsync(lines));
        Assert.Equal("token=••••••", await NextAsync(lines));

        using (var output = log.Lines("release", "stderr"))
        {
            foreach (var b in "päss hunter22 ünd\nlast"u8.ToArray())
            {
                output.Write([b]);
            }
        }

        Assert.Equal("päss •••••• ünd", await NextAsync(lines));
        Assert.Equal(("last", "release", "stderr"), (await NextAsync(lines), lines.Current.Source, lines.Current.Stream));
        var waiting = lines.MoveNextAsync();
        Assert.False(waiting.IsCompleted);
        log.Complete();
        Assert.False(await waiting);
        Assert.DoesNotContain("hunter22", string.Concat(Directory.GetFiles(_home.Options.Logs, "*.log", SearchOption.AllDirectories).Select(File.ReadAllText)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_who_was_cut_off_goes_on_at_the_offset_it_saw_last()
    {
        await AddDeploymentAsync("d1", ended: false);
        using var log = _home.Get<LogStore>().OpenDeployment("shop", "production", "d1", SecretMask.None);
        var seen = new List<string>();
        var offset = 0L;
        for (var round = 0; round < 5; round++)
        {
            await log.WriteAsync("deploy", "wherry", $"{round} a\n{round} b\n{round} c");
            // Leaves in the middle of what is there.
            await foreach (var line in _client.DeploymentLogAsync("d1", new LogQuery { Follow = true, From = offset }, Ct).Take(2))
            {
                seen.Add(line.Text);
                offset = line.Offset;
            }
        }

        log.Complete();
        await foreach (var line in _client.DeploymentLogAsync("d1", new LogQuery { Follow = true, From = offset }, Ct))
        {
            seen.Add(line.Text);
        }

        Assert.Equal(Enumerable.Range(0, 15).Select(n => $"{n / 3} {"abc"[n % 3]}"), seen);
    }

    [Fact]
    public async Task A_deployment_that_ended_while_the_server_was_killed_is_not_waited_for()
    {
        await AddDeploymentAsync("d1", ended: true);
        using (var log = _home.Get<LogStore>().OpenDeployment("shop", "production", "d1", SecretMask.None))
        {
            await log.WriteAsync("deploy", "wherry", "half");
        }

        Assert.Equal(["half"], await _client.DeploymentLogAsync("d1", new LogQuery { Follow = true }, Ct).Select(l => l.Text).ToListAsync(Ct));
    }

    [Fact]
    public async Task UC_25_Replicas_of_an_environment_are_one_log_and_a_service_is_a_part_of_it()
    {
        using (var lease = _home.Get<LogStore>().OpenReplicas("shop", "production", writes: true))
        {
            foreach (var (service, n) in new[] { ("web", 1), ("worker", 1), ("web", 2), ("web", 1) })
            {
                lease.Log.Append(new LogRecord(DateTimeOffset.UnixEpoch, $"{service}-{n}", "stdout", $"from {service} {n}", service, "0123456789ab"));
            }
        }

        var all = await _client.LogsAsync("shop", "production", null, new LogQuery(), Ct).ToListAsync(Ct);
        Assert.Equal(["web-1", "worker-1", "web-2", "web-1"], all.Select(l => l.Source));
        var web = await _client.LogsAsync("shop", "production", "web", new LogQuery { Tail = 2 }, Ct).ToListAsync(Ct);
        Assert.Equal(["from web 2", "from web 1"], web.Select(l => l.Text));
        Assert.Empty(await _client.LogsAsync("shop", "production", "web", new LogQuery { From = web[^1].Offset }, Ct).ToListAsync(Ct));
    }

    [Fact]
    public async Task What_is_not_there_or_not_asked_right_is_refused()
    {
        Assert.Equal((404, "deployment/not-found"), await RefusedAsync(_client.DeploymentLogAsync("nope", new LogQuery(), Ct)));
        Assert.Equal((404, "project/not-found"), await RefusedAsync(_client.LogsAsync("nope", "production", null, new LogQuery(), Ct)));
        Assert.Equal((404, "environment/not-found"), await RefusedAsync(_client.LogsAsync("shop", "nope", null, new LogQuery(), Ct)));
        Assert.Equal((422, "service/name"), await RefusedAsync(_client.LogsAsync("shop", "production", "we b", new LogQuery(), Ct)));
        Assert.Equal((422, "log/query"), await RefusedAsync(_client.LogsAsync("shop", "production", null, new LogQuery { Tail = -1 }, Ct)));
        Assert.Equal((422, "log/query"), await RefusedAsync(_client.LogsAsync("shop", "production", null, new LogQuery { From = -1 }, Ct)));
    }

    [Fact]
    public async Task DP_19_A_team_cannot_read_the_logs_of_another()
    {
        await AddDeploymentAsync("d1", ended: false);
        var other = _home.Get<Database>().For(new TeamId(2));
        await other.ExecuteAsync("INSERT INTO team (id, name) VALUES (@team, 'other')", null, Ct);
        var token = await _home.Get<Wherry.Server.Tokens.TokenStore>().CreateAsync(other.Team, new CreateToken("theirs", TokenScope.Admin), Ct);
        using var theirs = _home.WithToken(token.Secret);

        Assert.Equal((404, "deployment/not-found"), await RefusedAsync(theirs.DeploymentLogAsync("d1", new LogQuery(), Ct)));
        Assert.Equal((404, "project/not-found"), await RefusedAsync(theirs.LogsAsync("shop", "production", null, new LogQuery(), Ct)));
    }

    [Theory]
    [InlineData("since=%27%3B%20rm%20-rf%20%2F")]
    [InlineData("tail=1%3Bid")]
    [InlineData("from=%24(id)")]
    public async Task DP_20_Text_where_a_number_or_a_moment_belongs_is_refused(string query)
    {
        var token = await _client.CreateTokenAsync(new CreateToken("t", TokenScope.Read), Ct);
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_home.Address, $"/api/v1/projects/shop/environments/production/logs?{query}"));
        request.Headers.Authorization = new("Bearer", token.Secret);
        using var answer = await http.SendAsync(request, Ct);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("request/invalid", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stopping_server_does_not_wait_for_its_followers()
    {
        await using var lines = _client.LogsAsync("shop", "production", null, new LogQuery { Follow = true }, Ct).GetAsyncEnumerator(Ct);
        using (var lease = _home.Get<LogStore>().OpenReplicas("shop", "production", writes: true))
        {
            lease.Log.Append(new LogRecord(DateTimeOffset.UnixEpoch, "web-1", "stdout", "x", "web"));
        }

        Assert.True(await lines.MoveNextAsync());
        var next = lines.MoveNextAsync();
        var start = TimeProvider.System.GetTimestamp();

        await _home.StopServerAsync();

        Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.False(await next);
    }

    private Task<int> AddDeploymentAsync(string id, bool ended) => _home.Get<Database>().For(TeamId.Default).ExecuteAsync(
        """
        INSERT INTO deployment (id, team_id, environment_id, kind, actor, request, stage, outcome, queued_at, finished_at)
        SELECT @id, @team, e.id, 'Deploy', 'test', x'00', 'Finished', 'Succeeded', 0, @finished FROM environment e WHERE e.team_id = @team
        """,
        new { id, finished = ended ? 1 : (long?)null },
        Ct);

    private static async Task<string> NextAsync(IAsyncEnumerator<LogLine> lines)
    {
        Assert.True(await lines.MoveNextAsync());
        return lines.Current.Text;
    }

    private static async Task<(int, string)> RefusedAsync(IAsyncEnumerable<LogLine> lines)
    {
        var e = await Assert.ThrowsAsync<ApiException>(async () => await lines.ToListAsync(Ct));
        return (e.Status, e.Problem.Code);
    }
}
