using System.Globalization;
using Wherry.Compose.Reading;
using Wherry.Compose.Yaml;
using Wherry.Core.Problems;

namespace Wherry.Compose.Importing.Resources;

/// <summary>A document with <c>resource: database</c>.</summary>
internal sealed record DatabaseResource(string Name, DatabaseKind Kind, string Version, string User, string Database, string Password)
{
    /// <summary>The volume of its data; <see langword="null"/> when it keeps none.</summary>
    public string? Volume { get; init; }

    /// <summary>Port of the server that it is reached on from outside.</summary>
    public int? PublicPort { get; init; }

    /// <param name="lost">Takes what has no counterpart.</param>
    /// <returns><see langword="null"/> after a report.</returns>
    public static DatabaseResource? Read(Fields f, ResourceReferences references, List<LostPoint> lost)
    {
        var kind = f["type"]?.Filled() is { } type ? DatabaseKind.Find(type) : null;
        if (kind is null)
        {
            var place = f["type"];
            f.Wrong("import/resource-type", place is null ? "needs a type" : $"there is no database of the type {place.Shown}", $"Use one of {string.Join(", ", DatabaseKind.Names)}.");
            return null;
        }

        var name = f["name"]?.Filled() ?? kind.Name;
        var version = f["version"]?.Filled() ?? "latest";
        _ = f["description"];
        var c = f["configuration"]?.Map();
        var password = c?["password"] is { } given ? references.Resolve(given, name, "password") : null;
        if (password is null)
        {
            (c is null ? f : c).Wrong("compose/value", "needs configuration.password", "Write password: ${GENERATED}.");
        }

        var database = c?["database"] is { } wanted ? references.Resolve(wanted, name, "database") : null;
        var user = c?["username"] is { } owner ? references.Resolve(owner, name, "username") : null;
        var publicPort = ReadPublicPort(c?["publicPort"], kind);
        c?.Close();
        var read = new DatabaseResource(name, kind, version, user ?? name, database ?? user ?? name, password ?? "")
        {
            Volume = ReadSettings(f["settings"]?.Map(), name, lost) ? $"{name}-data" : null,
            PublicPort = publicPort,
        };
        f.Close();
        return read;
    }

    /// <summary>What <c>${NAME.part}</c> stands for; <see langword="null"/>: there is no such part.</summary>
    public string? Part(string part) => part switch
    {
        "connectionString" or "url" => Kind.Address(Name, User, Database, Password),
        "host" => Name,
        "port" => Kind.Port.ToString(CultureInfo.InvariantCulture),
        "password" => Password,
        "username" or "user" when Kind.HasNames => User,
        "database" when Kind.HasNames => Database,
        _ => null,
    };

    /// <summary>The service.</summary>
    public YamlMap Write() => TreeEdit.Map(
        ("image", TreeEdit.Text($"{Kind.Image}:{Version}")),
        ("command", Kind.Command(Volume is not null)),
        ("environment", Kind.Environment(User, Database, Password)),
        ("expose", TreeEdit.List(TreeEdit.Text(Kind.Port.ToString(CultureInfo.InvariantCulture)))),
        ("volumes", Volume is { } volume ? TreeEdit.List(TreeEdit.Text($"{volume}:{Kind.Folder(Version)}")) : null),
        ("healthcheck", Kind.Health()),
        ("x-wherry", PublicPort is { } port ? TreeEdit.Map(("tcp", TreeEdit.List(TreeEdit.Map(("listen", TreeEdit.Number(port)), ("port", TreeEdit.Number(Kind.Port)))))) : null));

    private static int? ReadPublicPort(Field? field, DatabaseKind kind) => field?.Node switch
    {
        null => null,
        YamlScalar { Kind: ScalarKind.Bool } => field.Bool() == true ? kind.Port : null,
        _ => (int?)field.Int(1, 65535),
    };

    /// <returns>Whether its data is kept.</returns>
    private static bool ReadSettings(Fields? f, string name, List<LostPoint> lost)
    {
        var (isKept, size) = (true, (string?)null);
        if (f?["persistence"]?.Map() is { } persistence)
        {
            isKept = persistence["enabled"]?.Bool() ?? true;
            size = persistence["size"]?.Filled();
            persistence.Close();
        }

        if (isKept && size is not null)
        {
            lost.Add(new($"{name}.settings.persistence.size", $"the volume {name}-data may grow beyond {Problem.Quoted(size)}: a volume has no limit of its own"));
        }

        if (f?["backup"]?.Map() is { } backup)
        {
            var isWanted = backup["enabled"]?.Bool() ?? true;
            var (schedule, retention) = (backup["schedule"]?.Filled(), backup["retention"]?.Text());
            if (isWanted)
            {
                lost.Add(new($"{name}.settings.backup", $"no backup is made at {Problem.Quoted(schedule ?? "")}{(retention is null ? "" : $", none kept for {Problem.Quoted(retention)}")}"));
            }

            backup.Close();
        }

        f?.Close();
        return isKept;
    }
}
