using Wherry.Cli.Frame;
using Wherry.Server.Store;

namespace Wherry.Cli.Supervision;

/// <summary>Where the store is, as <c>wherry up</c> was told.</summary>
internal static class RememberedStore
{
    /// <summary>Names the store, for <c>wherry up</c> and a server that is started by hand.</summary>
    public const string Variable = "WHERRY_STORE";

    /// <summary>Instead of an address: the SQLite file in the home.</summary>
    public const string Own = "sqlite";

    /// <summary>Where another store than the home's own is kept; it holds a password.</summary>
    public static string PathIn(string home) => Path.Combine(home, "keys", "store.url");

    /// <summary>The store: <c>WHERRY_STORE</c>, else what <c>wherry up</c> was given, else the home's own file.</summary>
    /// <exception cref="Core.Problems.ProblemException"><c>store/url</c>.</exception>
    public static StoreLocation Of(string home, World world) =>
        (world.Variable(Variable) ?? Kept(home)) is not Own and { } url ? StoreLocation.Parse(url) : StoreLocation.InHome(home);

    /// <summary>Keeps a store's address, or <c>sqlite</c>, for the server, which is started without <c>WHERRY_STORE</c>.</summary>
    /// <param name="url"><see langword="null"/>: the one that is kept.</param>
    /// <returns><see langword="true"/> when it is another store than before.</returns>
    /// <exception cref="Core.Problems.ProblemException"><c>store/url</c>.</exception>
    public static bool Keep(string home, string? url)
    {
        if (url is null || url == Kept(home))
        {
            return false;
        }

        if (url != Own)
        {
            _ = StoreLocation.Parse(url);
        }

        Remembered.KeepPrivate(PathIn(home), url == Own ? [] : [url]);
        return true;
    }

    private static string Kept(string home) => Remembered.Lines(PathIn(home)) is [var line, ..] ? line : Own;
}
