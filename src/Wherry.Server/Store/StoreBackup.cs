using Dapper;
using Microsoft.Data.Sqlite;
using Wherry.Core.Problems;

namespace Wherry.Server.Store;

/// <summary>A copy of the store in one SQLite file, as it was at one moment, while the server goes on working. The key is not in it.</summary>
public static class StoreBackup
{
    /// <summary>Writes and checks the copy. It appears under its name whole, or not at all.</summary>
    /// <exception cref="ProblemException"><c>store/backup</c> when the file is there or cannot be written, and what any store may say.</exception>
    public static async Task RunAsync(Database source, string file, CancellationToken ct)
    {
        if (File.Exists(file))
        {
            throw new Problem("store/backup", $"{file} exists.", "Choose another name with --to: a backup never overwrites another.").AsException();
        }

        if (!Directory.Exists(Path.GetDirectoryName(file)))
        {
            throw new Problem("store/backup", $"The folder of {file} does not exist.", "Make it, or choose another with --to.").AsException();
        }

        var part = file + ".part";
        try
        {
            File.Delete(part);
            if (source.Location is StoreLocation.Sqlite)
            {
                await source.ReadAsync(c => c.ExecuteAsync(new CommandDefinition("VACUUM INTO @part", new { part }, commandTimeout: 0, cancellationToken: ct)), ct);
            }
            else
            {
                await StoreCopy.RunAsync(source, new StoreLocation.Sqlite(part), ct);
            }

            await CheckAsync(part, ct);
            File.Move(part, file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new Problem("store/backup", $"The backup {file} cannot be written: {e.Message}", "Choose another folder with --to, or run it with sudo.").AsException(e);
        }
        finally
        {
            foreach (var left in new[] { part, part + "-wal", part + "-shm" })
            {
                File.Delete(left);
            }
        }
    }

    /// <exception cref="ProblemException"><c>store/newer</c>, <c>store/older</c>.</exception>
    internal static async Task EnsureCurrentAsync(Database database, CancellationToken ct)
    {
        var version = await database.ReadAsync(c => database.Dialect.VersionAsync(c, null, ct), ct);
        if (version != Migrations.Newest)
        {
            throw (version > Migrations.Newest ? StoreProblems.Newer(version, Migrations.Newest) : StoreProblems.Older(version, Migrations.Newest)).AsException();
        }
    }

    private static async Task CheckAsync(string file, CancellationToken ct)
    {
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await using (var copy = new Database(new StoreLocation.Sqlite(file)))
        {
            if (await copy.ReadAsync(c => copy.Dialect.DamageAsync(c, thorough: true, ct), ct) is [var first, ..])
            {
                throw new Problem("store/backup", $"The backup does not pass its integrity check: {first}", "`wherry store check` says whether the store itself is damaged.").AsException();
            }
        }

        // Into the file itself: a backup is one file. Nobody else may have it open for that.
        await using var alone = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        await alone.OpenAsync(ct);
        await alone.ExecuteScalarAsync<string>(new CommandDefinition("PRAGMA journal_mode = DELETE", cancellationToken: ct));
    }
}
