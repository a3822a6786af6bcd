using Wherry.Core.Problems;

namespace Wherry.Server.Store;

/// <summary>An empty PostgreSQL is not taken instead of a full <c>wherry.db</c>: everything that runs would belong to nothing.</summary>
public static class NotYetCopied
{
    /// <param name="home">State folder with the store that is known.</param>
    /// <param name="store">The one to be worked on.</param>
    /// <param name="ct">Cancels the look.</param>
    /// <exception cref="ProblemException"><c>store/not-copied</c>, and what any store may say.</exception>
    public static async Task RefuseAsync(string home, StoreLocation store, CancellationToken ct)
    {
        if (store is not StoreLocation.Postgres || StoreLocation.InHome(home) is not StoreLocation.Sqlite { File: var file } || !File.Exists(file))
        {
            return;
        }

        await using var database = new Database(store);
        if (await database.ReadAsync(c => database.Dialect.VersionAsync(c, null, ct), ct) == 0)
        {
            throw new Problem(
                "store/not-copied",
                $"The store {store} is empty, and {file} has what this server knows.",
                $"Copy it first: `wherry store copy --switch --from sqlite:{file} --to postgres://…`. `WHERRY_STORE=sqlite wherry up` works on {Path.GetFileName(file)} again; to begin anew, move it away.").AsException();
        }
    }
}
