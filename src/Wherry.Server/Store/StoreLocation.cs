using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;
using Wherry.Core.Problems;

namespace Wherry.Server.Store;

/// <summary>Where a store is. As text it never shows a password.</summary>
public abstract partial record StoreLocation
{
    private StoreLocation()
    {
    }

    /// <summary>The SQLite file of a home, which is used unless another store is named.</summary>
    public static StoreLocation InHome(string home) => new Sqlite(Path.Combine(home, "wherry.db"));

    /// <summary>Reads <c>postgres://user:password@host:port/database?sslmode=…</c>, or <c>sqlite:/absolute/path</c>.</summary>
    /// <exception cref="ProblemException"><c>store/url</c>; it does not repeat what was given, for that has a password in it.</exception>
    public static StoreLocation Parse(string text)
    {
        if (text.StartsWith("sqlite:/", StringComparison.Ordinal))
        {
            return new Sqlite(Path.GetFullPath("/" + text["sqlite:".Length..].TrimStart('/')));
        }

        var match = Url().Match(text);
        if (!match.Success)
        {
            throw Unreadable("it is neither of the form postgres://user:password@host:port/database nor of sqlite:/path");
        }

        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = Decode(match, "host") is ['[', .. var inner, ']'] ? inner : Decode(match, "host"),
            Port = match.Groups["port"] is not { Length: > 0 } port ? 5432 : int.TryParse(port.Value, CultureInfo.InvariantCulture, out var number) && number is > 0 and < 65536 ? number : throw Unreadable("its port is not a number from 1 to 65535"),
            Username = Decode(match, "user"),
            Database = Decode(match, "database"),
            Password = match.Groups["password"].Success ? Decode(match, "password") : null,
            ApplicationName = "wherry",
            MaxPoolSize = 20,
            Timeout = 5,
            CommandTimeout = 60,
            KeepAlive = 10,
            IncludeErrorDetail = false, // it would quote rows
        };
        foreach (var pair in match.Groups["query"].Value.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            Set(builder, pair.Split('=', 2));
        }

        return new Postgres(builder.ConnectionString, $"postgres://{builder.Username}@{match.Groups["host"].Value}:{builder.Port}/{builder.Database}");
    }

    private static void Set(NpgsqlConnectionStringBuilder builder, string[] pair)
    {
        switch (pair)
        {
            case ["sslmode", "disable" or "allow" or "prefer" or "require" or "verify-ca" or "verify-full"]:
                builder.SslMode = Enum.Parse<SslMode>(pair[1].Replace("-", "", StringComparison.Ordinal), ignoreCase: true);
                break;
            case ["sslrootcert", var file]:
                builder.RootCertificate = Uri.UnescapeDataString(file);
                break;
            case ["sslmode", _]:
                throw Unreadable("its sslmode is not disable, allow, prefer, require, verify-ca or verify-full");
            default:
                throw Unreadable($"it has a parameter {Problem.Quoted(pair[0])}; only sslmode and sslrootcert are known");
        }
    }

    private static string Decode(Match match, string part) => Uri.UnescapeDataString(match.Groups[part].Value);

    private static ProblemException Unreadable(string why) => new Problem(
        "store/url",
        $"The store's address cannot be read: {why}.",
        "Give it as postgres://user:password@host:5432/database?sslmode=verify-full; signs in the password that mean something in an address are written as %40 and the like.").AsException();

    /// <summary>A host is a name, an address, an IPv6 address in brackets, or the folder of a socket with its slashes as <c>%2F</c>.</summary>
    [GeneratedRegex(@"\Apostgres(ql)?://(?<user>[^:@/?#\s]+)(:(?<password>[^@/?#\s]*))?@(?<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+|(%2[Ff][A-Za-z0-9._-]*)+)(:(?<port>[0-9]{1,5}))?/(?<database>[^/?#\s]+)(\?(?<query>[^#\s]*))?\z")]
    private static partial Regex Url();

    /// <param name="File">Its path, absolute.</param>
    public sealed record Sqlite(string File) : StoreLocation
    {
        public override string ToString() => File;
    }

    public sealed record Postgres : StoreLocation
    {
        private readonly string _shown;

        internal Postgres(string connection, string shown) => (Connection, _shown) = (connection, shown);

        /// <summary>With the password: for the driver alone.</summary>
        internal string Connection { get; }

        public override string ToString() => _shown;
    }
}
