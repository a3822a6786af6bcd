using Wherry.Cli.Frame;
using Wherry.Server.Store;

namespace Wherry.Cli.Supervision;

/// <summary>What <c>wherry up</c> chose once and keeps: where server and edge listen, and where the store is.</summary>
internal static class Remembered
{
    /// <summary>Names the store, for <c>wherry up</c> and a server that is started by hand.</summary>
    public const string StoreVariable = "WHERRY_STORE";

    /// <summary>Instead of an address: the SQLite file in the home.</summary>
    public const string OwnStore = "sqlite";

    public static string ApiListenFile(string home) => Path.Combine(home, "listen");

    public static string EdgeListenFile(string home) => Path.Combine(home, "edge", "listen");

    /// <summary>Where API and Git listen; <see langword="null"/> when nothing was chosen.</summary>
    public static string? ApiListen(string home) => Lines(ApiListenFile(home)) is [var line, ..] ? line : null;

    /// <summary>Where the edge listens; empty when nothing was chosen.</summary>
    public static IReadOnlyList<string> EdgeListen(string home) => Lines(EdgeListenFile(home));

    /// <summary>Where another store than the home's own is kept; it holds a password.</summary>
    public static string StoreFile(string home) => Path.Combine(home, "keys", "store.url");

    /// <summary>The store: <c>WHERRY_STORE</c>, else what <c>wherry up</c> was given, else the home's own file.</summary>
    /// <exception cref="Core.Problems.ProblemException"><c>store/url</c>.</exception>
    public static StoreLocation Store(string home, World world) =>
        (world.Variable(StoreVariable) ?? (Lines(StoreFile(home)) is [var line, ..] ? line : OwnStore)) is not OwnStore and { } url ? StoreLocation.Parse(url) : StoreLocation.InHome(home);

    /// <summary>Keeps a store's address, or <c>sqlite</c>, for the server, which is started without <c>WHERRY_STORE</c>.</summary>
    /// <param name="url"><see langword="null"/>: the one that is kept.</param>
    /// <returns><see langword="true"/> when it is another store than before.</returns>
    /// <exception cref="Core.Problems.ProblemException"><c>store/url</c>.</exception>
    public static bool KeepStore(string home, string? url)
    {
        var file = StoreFile(home);
        var before = Lines(file) is [var line, ..] ? line : OwnStore;
        if (url is null || url == before)
        {
            return false;
        }

        if (url == OwnStore)
        {
            File.Delete(file);
            return true;
        }

        _ = StoreLocation.Parse(url);

        using (var stream = new FileStream(file + ".new", new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        {
            stream.Write(System.Text.Encoding.UTF8.GetBytes(url + "\n"));
            stream.Flush(flushToDisk: true);
        }

        File.Move(file + ".new", file, overwrite: true);
        return true;
    }

    private static IReadOnlyList<string> Lines(string file) => File.Exists(file) ? [.. File.ReadAllLines(file).Select(l => l.Trim()).Where(l => l.Length > 0)] : [];
}
