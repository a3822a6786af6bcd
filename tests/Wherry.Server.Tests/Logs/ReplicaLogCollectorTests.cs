using Wherry.Client;

namespace Wherry.Server.Tests.Logs;

/// <summary>Real containers of a real engine print; the API is asked for what came of it.</summary>
public sealed class ReplicaLogCollectorTests : IAsyncLifetime
{
    private readonly CutLine _line = new();
    private Home _home = null!;
    private Replicas _replicas = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _line.Mend();
        _home = new Home { Engine = _line.Address };
        await _home.StartServerAsync();
        _replicas = new Replicas(_home.Get<HomeId>());
        using var client = _home.OverSocket();
        await client.CreateProjectAsync(new CreateProject("shop"), Ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _replicas.DisposeAsync();
        await _home.DisposeAsync();
        await _line.DisposeAsync();
    }

    [Fact]
    public async Task UC_25_Lines_of_all_replicas_are_followed_live_with_source_and_stream()
    {
        using var client = _home.OverSocket();
        await using var lines = client.LogsAsync("shop", "production", null, new LogQuery { Follow = true }, Ct).GetAsyncEnumerator(Ct);
        await _replicas.StartAsync("web", 1, "sh", "-c", "echo from web; sleep 600");
        Assert.True(await lines.MoveNextAsync());
        Assert.Equal(("web-1", "stdout", "from web"), (lines.Current.Source, lines.Current.Stream, lines.Current.Text));

        await _replicas.StartAsync("worker", 2, "sh", "-c", "echo 'wörker 🚣' >&2; sleep 600");
        Assert.True(await lines.MoveNextAsync());
        Assert.Equal(("worker-2", "stderr", "wörker 🚣"), (lines.Current.Source, lines.Current.Stream, lines.Current.Text));
        Assert.InRange(lines.Current.At, TimeProvider.System.GetUtcNow().AddMinutes(-1), TimeProvider.System.GetUtcNow().AddMinutes(1));
    }

    [Fact]
    public async Task Restarts_of_the_server_lose_nothing_and_double_nothing()
    {
        await _replicas.StartAsync("web", 1, "sh", "-c", "for n in $(seq 1 3000); do echo out $n; if [ $((n % 10)) = 0 ]; then echo err $n >&2; sleep 0.01; fi; done; echo end; echo end >&2; sleep 600");
        for (var round = 0; round < 4; round++)
        {
            await Task.Delay(700, Ct);
            await _home.StopServerAsync();
            await Task.Delay(200, Ct);
            await _home.StartServerAsync();
        }

        await AssertCompleteAsync(3000);
    }

    [Fact]
    public async Task Losing_the_engine_loses_nothing_and_doubles_nothing()
    {
        await _replicas.StartAsync("web", 1, "sh", "-c", "for n in $(seq 1 3000); do echo out $n; if [ $((n % 10)) = 0 ]; then echo err $n >&2; sleep 0.01; fi; done; echo end; echo end >&2; sleep 600");
        for (var round = 0; round < 3; round++)
        {
            await Task.Delay(700, Ct);
            await _line.CutAsync();
            await Task.Delay(300, Ct);
            _line.Mend();
        }

        await AssertCompleteAsync(3000);
    }

    [Fact]
    public async Task What_was_printed_while_the_server_was_away_is_there_also_of_a_replica_that_ended_meanwhile()
    {
        await _home.StopServerAsync();
        var id = await _replicas.StartAsync("web", 1, "sh", "-c", "echo short life; exit 1");
        await _replicas.Engine.Containers.WaitAsync(id, Ct);

        await _home.StartServerAsync();

        Assert.Equal(["short life"], await FollowAsync(1));
    }

    [Fact]
    public async Task A_replica_that_starts_again_goes_on_in_the_same_log()
    {
        var id = await _replicas.StartAsync("web", 1, "sh", "-c", "echo started; sleep 600");
        Assert.Equal(["started"], await FollowAsync(1));
        await _replicas.Engine.Containers.RestartAsync(id, TimeSpan.Zero, Ct);
        await _replicas.Engine.Containers.RestartAsync(id, TimeSpan.Zero, Ct);

        Assert.Equal(["started", "started", "started"], await FollowAsync(3));
    }

    [Fact]
    public async Task Secrets_of_the_environment_are_masked()
    {
        using var client = _home.OverSocket();
        await client.ChangeVariablesAsync("shop", "production", new ChangeVariables(new Dictionary<string, string> { ["KEY"] = "hunter22" }, [], Secret: true), Ct);

        await _replicas.StartAsync("web", 1, "sh", "-c", "echo the key is hunter22; sleep 600");

        Assert.Equal(["the key is ••••••"], await FollowAsync(1));
    }

    [Fact]
    public async Task One_off_containers_and_those_of_another_Wherry_are_not_collected()
    {
        await using var other = new Replicas(new HomeId("00000000ffff"));
        await other.StartAsync("web", 5, "sh", "-c", "echo not ours; sleep 600");
        var spec = _replicas.Spec("web", 2, "sh", "-c", "echo one-off; sleep 600");
        var oneOff = await _replicas.Engine.Containers.CreateAsync(spec with { Labels = spec.Labels.Append(new(Labels.OneOff, "release")).ToDictionary() }, Ct);
        await _replicas.Engine.Containers.StartAsync(oneOff, Ct);
        await _replicas.StartAsync("web", 1, "sh", "-c", "echo ours; sleep 600");

        Assert.Equal(["ours"], await FollowAsync(1));
    }

    private async Task AssertCompleteAsync(int count)
    {
        using var client = _home.OverSocket();
        var lines = new List<LogLine>();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        await foreach (var line in client.LogsAsync("shop", "production", "web", new LogQuery { Follow = true }, limit.Token))
        {
            lines.Add(line);

            // The engine reads the two streams one beside the other.
            if (lines.Count(l => l.Text == "end") == 2)
            {
                break;
            }
        }

        Assert.Equal(Enumerable.Range(1, count).Select(n => $"out {n}").Append("end"), lines.Where(l => l.Stream == "stdout").Select(l => l.Text));
        Assert.Equal(Enumerable.Range(1, count / 10).Select(n => $"err {n * 10}").Append("end"), lines.Where(l => l.Stream == "stderr").Select(l => l.Text));
    }

    /// <summary>The first lines of the environment's log, and that no more come for a moment.</summary>
    private async Task<List<string>> FollowAsync(int count)
    {
        using var client = _home.OverSocket();
        var lines = new List<string>();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        try
        {
            await foreach (var line in client.LogsAsync("shop", "production", null, new LogQuery { Follow = true }, limit.Token))
            {
                lines.Add(line.Text);
                if (lines.Count == count)
                {
                    limit.CancelAfter(TimeSpan.FromMilliseconds(500));
                }
            }
        }
        catch (OperationCanceledException) when (!Ct.IsCancellationRequested)
        {
            // Quiet for long enough.
        }

        return lines;
    }
}
