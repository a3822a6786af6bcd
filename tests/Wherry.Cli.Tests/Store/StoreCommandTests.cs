using System.Diagnostics;
using Wherry.Cli.Frame;
using Wherry.Cli.Supervision;
using Wherry.Server;
using Wherry.Server.Store;

namespace Wherry.Cli.Tests.Store;

public sealed class StoreCommandTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Check_backup_and_copy_work_on_the_state_folder_alone()
    {
        using var home = A.Folder();
        await MakeAsync(home.Path);
        var backup = Path.Combine(home.Path, "one.db");
        var copy = Path.Combine(home.Path, "two.db");

        var check = await A.RunAsync("store", "check", "--home", home.Path);
        Assert.True(check.Code == 0, check.Out + check.Err);
        Assert.Contains("✓ integrity", check.Out, StringComparison.Ordinal);
        var backedUp = await A.RunAsync("store", "backup", "--to", backup, "--home", home.Path);
        Assert.Equal((0, backup), (backedUp.Code, backedUp.Out.Trim()));
        Assert.Equal(0, (await A.RunAsync("store", "backup", "--home", home.Path)).Code);
        Assert.Single(Directory.GetFiles(Path.Combine(home.Path, "backups"), "store-*Z.db"));
        var copied = await A.RunAsync("store", "copy", "--from", $"sqlite:{backup}", "--to", $"sqlite:{copy}", "--home", home.Path);
        Assert.True(copied.Code == 0, copied.Err);
        var again = await A.RunAsync("store", "copy", "--to", $"sqlite:{copy}", "--home", home.Path);
        Assert.Equal((int)Exit.Rejected, again.Code);
        Assert.Contains("(store/not-empty)", again.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Copy_refuses_while_the_server_runs_and_check_and_backup_do_not()
    {
        using var home = A.Folder();
        await MakeAsync(home.Path);
        using var server = OnlyOne.InHome(home.Path, "server");

        var copy = await A.RunAsync("store", "copy", "--to", $"sqlite:{home.Path}/two.db", "--home", home.Path);

        Assert.Equal((int)Exit.Rejected, copy.Code);
        Assert.Contains("(store/server-runs)", copy.Err, StringComparison.Ordinal);
        File.Copy(Path.Combine(home.Path, "wherry.db"), Path.Combine(home.Path, "full.db"));
        var full = await A.RunAsync("store", "copy", "--switch", "--to", $"sqlite:{home.Path}/full.db", "--home", home.Path);
        Assert.Contains("(store/not-empty)", full.Err, StringComparison.Ordinal); // at once: the server, which would have to be stopped for a copy, still has its place
        Assert.Equal(0, (await A.RunAsync("store", "check", "--home", home.Path)).Code);
        Assert.Equal(0, (await A.RunAsync("store", "backup", "--home", home.Path)).Code);
    }

    [Fact]
    public async Task A_password_on_the_command_line_is_not_repeated()
    {
        using var home = A.Folder();
        await MakeAsync(home.Path);

        var bad = await A.RunAsync("store", "copy", "--to", "postgres://me:s3cret@db", "--home", home.Path);

        Assert.Equal((int)Exit.Rejected, bad.Code);
        Assert.Contains("(store/url)", bad.Err, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", bad.Out + bad.Err, StringComparison.Ordinal);
    }

    [Fact]
    public void The_store_is_kept_in_a_file_that_only_its_owner_reads_and_forgotten_for_the_homes_own()
    {
        using var home = A.Folder();
        Directory.CreateDirectory(Path.Combine(home.Path, "keys"));

        Assert.True(RememberedStore.Keep(home.Path, "postgres://me:s3cret@db/wherry"));
        Assert.False(RememberedStore.Keep(home.Path, "postgres://me:s3cret@db/wherry"));
        Assert.False(RememberedStore.Keep(home.Path, null));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(RememberedStore.PathIn(home.Path)));
        Assert.Equal("postgres://me@db:5432/wherry", $"{RememberedStore.Of(home.Path, A.World())}");

        Assert.True(RememberedStore.Keep(home.Path, "sqlite"));
        Assert.Equal(StoreLocation.InHome(home.Path), RememberedStore.Of(home.Path, A.World()));
    }

    /// <summary>A bad day of the issue: two servers started on the same state folder.</summary>
    [Fact]
    public async Task Of_two_servers_on_one_state_folder_the_second_is_refused_until_the_first_is_killed()
    {
        using var home = A.Folder();
        using var first = Start(home.Path);
        try
        {
            await UntilAsync(() => Task.FromResult(File.Exists(Path.Combine(home.Path, "wherry.sock"))));
            using var second = Start(home.Path);
            var said = await second.StandardError.ReadToEndAsync(Ct);
            await second.WaitForExitAsync(Ct);
            Assert.Equal((int)Exit.Rejected, second.ExitCode);
            Assert.Contains("(up/already-runs)", said, StringComparison.Ordinal);
            Assert.False(first.HasExited);
            Assert.Equal(0, (await A.RunAsync("projects", "list", "--home", home.Path)).Code); // the first's socket is still its own
        }
        finally
        {
            first.Kill(); // SIGKILL: it cleans up nothing
            await first.WaitForExitAsync(CancellationToken.None);
        }

        using var next = Start(home.Path);
        try
        {
            await UntilAsync(async () => (await A.RunAsync("projects", "list", "--home", home.Path)).Code == 0);
        }
        finally
        {
            next.Kill();
            await next.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static Process Start(string home) => Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "wherry.dll"), "server", "--home", home, "--listen", "none"])
    {
        RedirectStandardError = true,
        RedirectStandardOutput = true,
    })!;

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!await holds())
        {
            await Task.Delay(100, limit.Token);
        }
    }

    private static async Task MakeAsync(string home)
    {
        HomeId.Open(Directory.CreateDirectory(Path.Combine(home, "keys")).FullName);
        await (await Database.OpenAsync(Path.Combine(home, "wherry.db"), Ct)).DisposeAsync();
    }
}
