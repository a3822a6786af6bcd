using Microsoft.Extensions.Logging.Abstractions;
using Wherry.Client;
using Wherry.Server.Environments;
using Wherry.Server.Logs;
using Wherry.Server.Store;

namespace Wherry.Server.Tests.Logs;

public sealed class LogRetentionTests : IAsyncLifetime
{
    private readonly SetClock _clock = new();
    private readonly ServerOptions _server = new() { Home = Directory.CreateTempSubdirectory("wherry-test-").FullName };
    private readonly LogOptions _options = new() { MaxSegmentBytes = 1 };
    private LogStore _logs = null!;
    private Database _database = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_server.Logs);
        _database = await Database.OpenAsync(Path.Combine(_server.Home, "wherry.db"), Ct);
        _logs = new LogStore(_server, _options, _clock, NullLogger<LogStore>.Instance);
        var team = _database.For(TeamId.Default);
        await team.ExecuteAsync("INSERT INTO project (id, team_id, name, created_at) VALUES (1, @team, 'shop', 0)", null, Ct);
        await team.ExecuteAsync("INSERT INTO environment (team_id, project_id, name, created_at) VALUES (@team, 1, 'production', 0)", null, Ct);
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_server.Home, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Logs_of_environments_that_are_gone_are_deleted_and_no_others()
    {
        await WriteAsync("shop", "production", "kept");
        await WriteAsync("shop", "pr-1", "gone");
        await WriteAsync("other", "production", "gone");

        await SweepAsync();

        Assert.Equal(["shop/production"], Directory.EnumerateDirectories(_server.Logs).SelectMany(Directory.EnumerateDirectories).Select(d => Path.GetRelativePath(_server.Logs, d)));
        Assert.Equal(["kept"], await ReadAsync("shop", "production"));
    }

    [Fact]
    public async Task Old_lines_of_replicas_go_a_segment_at_a_time_and_the_newest_stays()
    {
        await WriteAsync("shop", "production", "first", "second", "third");
        Age(_logs.ReplicasFolder("shop", "production"), days: 31, files: 2);

        await SweepAsync();

        Assert.Equal(["third"], await ReadAsync("shop", "production"));
    }

    [Fact]
    public async Task Logs_of_old_deployments_go_unless_somebody_has_them_open()
    {
        foreach (var id in new[] { "old", "open", "new" })
        {
            using var log = _logs.OpenDeployment("shop", "production", id, SecretMask.None);
            await log.WriteAsync("deploy", "wherry", "x");
            log.Complete();
            Age(Path.Combine(_logs.DeploymentsFolder("shop", "production"), id), days: id == "new" ? 89 : 91);
        }

        using (_logs.OpenToRead("shop", "production", "open"))
        {
            await SweepAsync();
        }

        Assert.Equal(["new", "open"], Directory.EnumerateDirectories(_logs.DeploymentsFolder("shop", "production")).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task Removing_an_environment_ends_its_followers_and_a_new_one_of_its_name_starts_empty()
    {
        await WriteAsync("shop", "production", "before");
        using var reading = _logs.OpenReplicas("shop", "production", writes: false);
        var follower = new SegmentReader(reading.Log, null, _clock).ReadAsync(new LogQuery { Follow = true }, Ct).Select(l => l.Text).ToListAsync(Ct);

        _logs.Remove("shop", "production");

        Assert.Equal(["before"], await follower);
        await WriteAsync("shop", "production", "after");
        Assert.Equal(["after"], await ReadAsync("shop", "production"));
    }

    [Theory]
    [InlineData("..")]
    [InlineData("../../etc")]
    [InlineData("")]
    [InlineData("a/b")]
    public void A_name_never_leads_out_of_the_folder(string name)
    {
        Assert.Throws<ArgumentException>(() => _logs.Remove(name));
        Assert.Throws<ArgumentException>(() => _logs.Remove("shop", name));
        Assert.Throws<ArgumentException>(() => _logs.OpenDeployment("shop", "production", name, SecretMask.None));
    }

    private async Task SweepAsync()
    {
        using var retention = new LogRetention(new EnvironmentStore(_database, _clock), _logs, _server, _options, _clock, NullLogger<LogRetention>.Instance);
        await retention.SweepAsync(Ct);
    }

    private async Task WriteAsync(string project, string environment, params string[] lines)
    {
        using var lease = _logs.OpenReplicas(project, environment, writes: true);
        foreach (var line in lines)
        {
            lease.Log.Append(new LogRecord(_clock.Now, "web-1", "stdout", line, "web"));
        }

        foreach (var file in Directory.EnumerateFiles(_logs.ReplicasFolder(project, environment)))
        {
            File.SetLastWriteTimeUtc(file, _clock.Now.UtcDateTime);
        }

        await Task.CompletedTask;
    }

    private async Task<List<string>> ReadAsync(string project, string environment)
    {
        using var lease = _logs.OpenReplicas(project, environment, writes: false);
        return await new SegmentReader(lease.Log, null, _clock).ReadAsync(new LogQuery(), Ct).Select(l => l.Text).ToListAsync(Ct);
    }

    private void Age(string folder, int days, int files = int.MaxValue)
    {
        foreach (var file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Take(files))
        {
            File.SetLastWriteTimeUtc(file, _clock.Now.UtcDateTime.AddDays(-days));
        }
    }
}
