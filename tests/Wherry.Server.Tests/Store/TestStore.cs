using System.Text;
using Wherry.Server.Store;

namespace Wherry.Server.Tests.Store;

/// <summary>Which database a test is about: every query is tried on each.</summary>
public enum StoreKind
{
    Sqlite,
    Postgres,
}

/// <summary>A new store of a test's own, gone at its end.</summary>
internal sealed class TestStore : IAsyncDisposable
{
    private readonly List<Database> _open = [];

    private TestStore(StoreLocation location) => Location = location;

    public StoreLocation Location { get; }

    public string Folder { get; } = Directory.CreateTempSubdirectory("wherry-test-").FullName;

    /// <summary>The first opening's.</summary>
    public Database Database => _open[0];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<TestStore> EmptyAsync(StoreKind kind, LivePostgres postgres)
    {
        var store = new TestStore(StoreLocation.Parse(kind == StoreKind.Postgres ? await postgres.CreateAsync() : $"sqlite:{Path.Combine(Directory.CreateTempSubdirectory("wherry-test-").FullName, "wherry.db")}"));
        return store;
    }

    public static async Task<TestStore> OpenAsync(StoreKind kind, LivePostgres postgres)
    {
        var store = await EmptyAsync(kind, postgres);
        await store.OpenAsync();
        return store;
    }

    public async Task<Database> OpenAsync()
    {
        var database = await Database.OpenAsync(Location, alone: false, Ct);
        _open.Add(database);
        return database;
    }

    /// <summary>All that an intruder would read.</summary>
    public async Task<string> ContentAsync() => Location is StoreLocation.Sqlite sqlite
        ? string.Concat(Directory.GetFiles(Path.GetDirectoryName(sqlite.File)!).Select(f => Encoding.Latin1.GetString(File.ReadAllBytes(f))))
        : string.Concat(await Database.QueryAsync<string>("SELECT t::text FROM token t", null, Ct));

    public async ValueTask DisposeAsync()
    {
        foreach (var database in _open)
        {
            await database.DisposeAsync();
        }

        Directory.Delete(Folder, recursive: true);
        if (Location is StoreLocation.Sqlite sqlite)
        {
            Directory.Delete(Path.GetDirectoryName(sqlite.File)!, recursive: true);
        }
    }
}
