using Wherry.Compose.Yaml;

namespace Wherry.Compose.Importing.Resources;

/// <summary>How a database of a type is run.</summary>
/// <param name="Name">The type.</param>
/// <param name="Scheme">Of its address.</param>
/// <param name="HasNames">It has databases and users; else a password only.</param>
internal sealed record DatabaseKind(string Name, string Image, int Port, string Scheme, bool HasNames)
{
    private static readonly DatabaseKind[] All =
    [
        new("postgresql", "postgres", 5432, "postgresql", HasNames: true),
        new("mysql", "mysql", 3306, "mysql", HasNames: true),
        new("mariadb", "mariadb", 3306, "mysql", HasNames: true),
        new("mongodb", "mongo", 27017, "mongodb", HasNames: true),
        new("redis", "redis", 6379, "redis", HasNames: false),
        new("valkey", "valkey/valkey", 6379, "redis", HasNames: false),
    ];

    public static IEnumerable<string> Names => All.Select(k => k.Name);

    public static DatabaseKind? Find(string type) => All.FirstOrDefault(k => k.Name == (type is "postgres" ? "postgresql" : type));

    /// <summary>Where its data lies.</summary>
    public string Folder(string version) => Name switch
    {
        "postgresql" when !int.TryParse(version.Split('.', '-')[0], out var major) || major >= 18 => "/var/lib/postgresql",
        "postgresql" => "/var/lib/postgresql/data",
        "mongodb" => "/data/db",
        "redis" or "valkey" => "/data",
        _ => "/var/lib/mysql",
    };

    /// <param name="password">As it stands in the file.</param>
    public YamlMap Environment(string user, string database, string password) => Name switch
    {
        "postgresql" => Pairs(("POSTGRES_USER", user), ("POSTGRES_PASSWORD", password), ("POSTGRES_DB", database)),
        "mysql" => Pairs(("MYSQL_USER", user), ("MYSQL_PASSWORD", password), ("MYSQL_DATABASE", database), ("MYSQL_RANDOM_ROOT_PASSWORD", "yes")),
        "mariadb" => Pairs(("MARIADB_USER", user), ("MARIADB_PASSWORD", password), ("MARIADB_DATABASE", database), ("MARIADB_RANDOM_ROOT_PASSWORD", "yes")),
        "mongodb" => Pairs(("MONGO_INITDB_ROOT_USERNAME", user), ("MONGO_INITDB_ROOT_PASSWORD", password), ("MONGO_INITDB_DATABASE", database)),
        _ => Pairs(("REDISCLI_AUTH", password)),
    };

    /// <param name="isKept">Its data is on a volume.</param>
    public YamlList? Command(bool isKept) => HasNames ? null
        : Texts("sh", "-c", $"exec {(Name == "valkey" ? "valkey" : "redis")}-server --requirepass \"$$REDISCLI_AUTH\" --appendonly {(isKept ? "yes" : "no")}");

    public YamlMap Health() => TreeEdit.Map(
        ("test", Name switch
        {
            "postgresql" => Texts("CMD-SHELL", "pg_isready -U \"$$POSTGRES_USER\" -d \"$$POSTGRES_DB\""),
            "mysql" => Texts("CMD-SHELL", "mysqladmin ping -h 127.0.0.1 -u \"$$MYSQL_USER\" --password=\"$$MYSQL_PASSWORD\""),
            "mariadb" => Texts("CMD", "healthcheck.sh", "--connect", "--innodb_initialized"),
            "mongodb" => Texts("CMD", "mongosh", "--quiet", "--eval", "db.adminCommand('ping').ok"),
            _ => Texts("CMD", Name == "valkey" ? "valkey-cli" : "redis-cli", "ping"),
        }),
        ("interval", TreeEdit.Text("2s")),
        ("timeout", TreeEdit.Text("5s")),
        ("retries", TreeEdit.Number(30)));

    public string Address(string host, string user, string database, string password) => (HasNames, Name) switch
    {
        (false, _) => $"{Scheme}://:{password}@{host}:{Port}",
        (_, "mongodb") => $"{Scheme}://{user}:{password}@{host}:{Port}/{database}?authSource=admin",
        _ => $"{Scheme}://{user}:{password}@{host}:{Port}/{database}",
    };

    private static YamlMap Pairs(params (string Key, string Value)[] pairs) => TreeEdit.Map(pairs.Select(p => (p.Key, (YamlNode?)TreeEdit.Text(p.Value))));

    private static YamlList Texts(params string[] texts) => TreeEdit.List(texts.Select(TreeEdit.Text));
}
