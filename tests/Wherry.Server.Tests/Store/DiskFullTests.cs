using System.Diagnostics;
using Wherry.Core.Problems;
using Wherry.Server.Events;
using Wherry.Server.Store;

namespace Wherry.Server.Tests.Store;

/// <summary>RG-22 for the store: a disk of 3 MB that is filled to its last byte.</summary>
public sealed class DiskFullTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("wherry-full-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Filler => Path.Combine(_folder, "filler");

    public ValueTask InitializeAsync() => RunAsync("mount", "-t", "tmpfs", "-o", "size=3m,mode=0700", "wherry-test", _folder);

    public async ValueTask DisposeAsync()
    {
        await RunAsync("umount", "--lazy", _folder);
        Directory.Delete(_folder);
    }

    [Fact]
    public async Task A_full_disk_refuses_writes_keeps_reads_and_damages_nothing()
    {
        var database = await Database.OpenAsync(Path.Combine(_folder, "wherry.db"), Ct);
        var filled = await FilledStore.OfAsync(database, Path.Combine(_folder, "keys"), TimeProvider.System);
        await filled.FillAsync();
        Fill();

        var kept = 0;
        var refused = await Assert.ThrowsAsync<ProblemException>(async () =>
        {
            for (; kept < 100_000; kept++)
            {
                await filled.Builds.SaveAsync(filled.Shop, $"key{kept}{new string('x', 2000)}", Core.Model.ImageReference.Parse("busybox:latest"), Ct);
            }
        });
        Assert.Equal("store/disk-full", refused.Problem.Code);

        Assert.Equal("shop", Assert.Single(await filled.Projects.ListAsync(TeamId.Default, Ct)).Name);
        Assert.Equal(kept + 1, await CountAsync(database));
        Assert.Equal("store/disk-full", (await Assert.ThrowsAsync<ProblemException>(() => filled.Builds.SaveAsync(filled.Shop, new string('y', 20_000), Core.Model.ImageReference.Parse("busybox:latest"), Ct))).Problem.Code);

        File.Delete(Filler);
        await filled.Builds.SaveAsync(filled.Shop, "after", Core.Model.ImageReference.Parse("busybox:latest"), Ct);
        Assert.Equal(kept + 2, await CountAsync(database));
        Assert.Empty(await database.ReadAsync(c => database.Dialect.DamageAsync(c, thorough: true, Ct), Ct));

        // What was answered is there after a start from the disk alone.
        await database.DisposeAsync();
        await using var again = await Database.OpenAsync(Path.Combine(_folder, "wherry.db"), Ct);
        Assert.Equal(kept + 2, await CountAsync(again));
    }

    [Fact]
    public async Task What_happens_on_a_full_disk_is_recorded_when_there_is_room_again()
    {
        const int Told = 40;
        await using var database = await Database.OpenAsync(Path.Combine(_folder, "wherry.db"), Ct);
        var events = new Server.Events.EventLog(database, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<Server.Events.EventLog>.Instance);
        Fill();

        for (var i = 0; i < Told; i++)
        {
            await events.RecordAsync(TeamId.Default, new EventEntry("somebody", "some/thing", $"{i}") { After = new string('x', 20_000) }, Ct);
        }

        Assert.InRange(await RecordedAsync(database), 0, Told - 1);
        File.Delete(Filler);
        await events.RetryAsync(Ct);
        Assert.Equal(Told, await RecordedAsync(database));
    }

    private static async Task<long> RecordedAsync(Database database) => (await database.QueryAsync<long>("SELECT COUNT(*) FROM event WHERE kind = 'some/thing'", null, Ct))[0];

    private static async Task<long> CountAsync(Database database) => (await database.QueryAsync<long>("SELECT COUNT(*) FROM build", null, Ct))[0];

    private void Fill()
    {
        using var filler = File.Create(Filler);
        try
        {
            for (var block = new byte[4096]; ;)
            {
                filler.Write(block);
                filler.Flush();
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }

    private static async ValueTask RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var said = await process.StandardError.ReadToEndAsync(CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None);
        Assert.True(process.ExitCode == 0, $"{program}: {said}");
    }
}
