using Wherry.Core.Problems;
using Wherry.Server.Secrets;
using Wherry.Server.Store;

namespace Wherry.Server.Tests.Store;

/// <summary>Check, backup and copy.</summary>
public sealed class StoreCopyTests(LivePostgres postgres)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(StoreKind.Sqlite, StoreKind.Postgres)]
    [InlineData(StoreKind.Postgres, StoreKind.Sqlite)]
    public async Task A_copy_has_every_row_and_works_on(StoreKind from, StoreKind to)
    {
        await using var source = await TestStore.OpenAsync(from, postgres);
        await using var target = await TestStore.EmptyAsync(to, postgres);
        var filled = await FilledStore.OfAsync(source.Database, Keys(source), TimeProvider.System);
        await filled.FillAsync();

        var rows = await StoreCopy.RunAsync(source.Database, target.Location, Ct);

        Assert.Equal(Migrations.Tables.Order(), rows.Keys.Order());
        Assert.All(Migrations.Tables, t => Assert.True(rows[t] > 0 || !Filled.Contains(t), $"{t} was not tried"));
        var copy = await target.OpenAsync();
        foreach (var table in Migrations.Tables)
        {
            Assert.Equal(
                await source.Database.ReadAsync(c => StoreRows.SumAsync(c, null, table, Ct), Ct),
                await copy.ReadAsync(c => StoreRows.SumAsync(c, null, table, Ct), Ct));
        }

        Assert.All(await new StoreCheck(copy, Sealer.Open(Keys(source))).RunAsync(Ct), c => Assert.True(c.State == "ok", $"{c.Name}: {c.Finding}"));
        var later = new FilledStore(copy, Sealer.Open(Keys(source)), TimeProvider.System);
        await later.Projects.CreateAsync(TeamId.Default, Core.Model.ProjectName.Parse("later"), Ct);
        Assert.Equal(2, (await later.Projects.ListAsync(TeamId.Default, Ct)).Count);
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task A_store_that_is_not_empty_is_never_copied_into(StoreKind to)
    {
        await using var source = await TestStore.OpenAsync(StoreKind.Sqlite, postgres);
        await using var target = await TestStore.OpenAsync(to, postgres);

        Assert.Equal("store/not-empty", (await Assert.ThrowsAsync<ProblemException>(() => StoreCopy.RunAsync(source.Database, target.Location, Ct))).Problem.Code);
    }

    [Fact]
    public async Task A_copy_that_fails_leaves_the_target_empty()
    {
        await using var source = await TestStore.OpenAsync(StoreKind.Sqlite, postgres);
        await using var target = await TestStore.EmptyAsync(StoreKind.Postgres, postgres);
        // PostgreSQL has no text with a zero in it; SQLite does.
        await source.Database.For(TeamId.Default).ExecuteAsync("INSERT INTO project (team_id, name, created_at) VALUES (@team, @name, 0)", new { name = "a\0b" }, Ct);

        await Assert.ThrowsAnyAsync<Exception>(() => StoreCopy.RunAsync(source.Database, target.Location, Ct));

        await using var empty = Database.At(target.Location);
        Assert.Empty(await empty.ReadAsync(c => empty.Dialect.TablesAsync(c, null, Ct), Ct));
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task A_backup_made_while_the_store_is_written_is_one_whole_file(StoreKind kind)
    {
        await using var source = await TestStore.OpenAsync(kind, postgres);
        var filled = await FilledStore.OfAsync(source.Database, Keys(source), TimeProvider.System);
        await filled.FillAsync();
        var file = Path.Combine(source.Folder, "backup.db");
        using var stop = new CancellationTokenSource();
        var writes = Task.Run(
            async () =>
            {
                for (var n = 0; !stop.IsCancellationRequested; n++)
                {
                    await filled.Builds.SaveAsync(filled.Shop, $"key{n}", Core.Model.ImageReference.Parse("busybox:latest"), Ct);
                }
            },
            Ct);

        await StoreBackup.RunAsync(source.Database, file, Ct);
        await stop.CancelAsync();
        await writes;

        Assert.Equal([file], Directory.GetFiles(source.Folder, "backup*"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal("store/backup", (await Assert.ThrowsAsync<ProblemException>(() => StoreBackup.RunAsync(source.Database, file, Ct))).Problem.Code);
        Assert.Equal("store/backup", (await Assert.ThrowsAsync<ProblemException>(() => StoreBackup.RunAsync(source.Database, Path.Combine(source.Folder, "missing", "b.db"), Ct))).Problem.Code);
        await using var copy = Database.At(new StoreLocation.Sqlite(file));
        Assert.All(await new StoreCheck(copy, Sealer.Open(Keys(source))).RunAsync(Ct), c => Assert.True(c.State == "ok", $"{c.Name}: {c.Finding}"));
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task A_check_finds_what_no_longer_opens_and_what_is_gone(StoreKind kind)
    {
        await using var store = await TestStore.OpenAsync(kind, postgres);
        var filled = await FilledStore.OfAsync(store.Database, Keys(store), TimeProvider.System);
        await filled.FillAsync();
        await filled.Environments.SetCurrentAsync(filled.Shop, 99, Ct);

        var another = Directory.CreateDirectory(Path.Combine(store.Folder, "other-keys")).FullName;
        var checks = await new StoreCheck(store.Database, Sealer.Open(another)).RunAsync(Ct);

        Assert.Equal(["references", "variables", "releases", "inputs", "requests"], checks.Where(c => c.State == "problem").Select(c => c.Name));
        Assert.Contains("r99", checks.Single(c => c.Name == "references").Finding, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_check_finds_a_page_that_was_overwritten()
    {
        await using var store = await TestStore.OpenAsync(StoreKind.Sqlite, postgres);
        var filled = await FilledStore.OfAsync(store.Database, Keys(store), TimeProvider.System);
        await filled.FillAsync();
        var file = Path.Combine(store.Folder, "broken.db");
        await StoreBackup.RunAsync(store.Database, file, Ct);
        await using (var stream = File.OpenWrite(file))
        {
            stream.Seek(4096, SeekOrigin.Begin);
            stream.Write(new byte[3 * 4096]);
        }

        await using var broken = Database.At(new StoreLocation.Sqlite(file));
        try
        {
            Assert.Contains(await new StoreCheck(broken, Sealer.Open(Keys(store))).RunAsync(Ct), c => c.State == "problem");
        }
        catch (ProblemException e)
        {
            Assert.Equal("store/damaged", e.Problem.Code);
        }
    }

    private static readonly string[] Filled = ["team", "project", "environment", "release", "deployment", "deployment_step", "scale", "build", "variable", "token", "event"];

    private static string Keys(TestStore store) => Path.Combine(store.Folder, "keys");
}
