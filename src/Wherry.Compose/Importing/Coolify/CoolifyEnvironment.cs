using System.Text.RegularExpressions;
using Wherry.Compose.Yaml;

namespace Wherry.Compose.Importing.Coolify;

/// <summary><c>environment</c> of a template's service: variables, and between them the wish to be reached from outside.</summary>
internal static partial class CoolifyEnvironment
{
    /// <summary>The wishes: <c>SERVICE_URL_APP_3000</c>, with a path as its value, or with itself.</summary>
    public static IEnumerable<(MagicName.Address Name, string Path)> Addresses(YamlMap service) =>
        from item in Items(service)
        where MagicName.Parse(item.Name) is MagicName.Address
        select ((MagicName.Address)MagicName.Parse(item.Name)!, item.Value is ['/', ..] path ? path : "/");

    /// <summary>Without the wishes, and with what Coolify gives to every container and this one uses.</summary>
    public static YamlMap Clean(YamlMap service)
    {
        var environment = service.Find("environment")?.Value;
        if (environment is YamlScalar { Kind: ScalarKind.Text } line)
        {
            environment = TreeEdit.List(line); // one variable without the dash of a list
        }

        var missing = service.Texts().SelectMany(t => InContainer().Matches(t.Text)).Select(m => m.Groups["name"].Value).Distinct()
            .Where(n => MagicName.Parse(n) is MagicName.Made && Items(service).All(i => i.Name != n)).ToList();
        YamlNode? clean = environment switch
        {
            YamlList list => TreeEdit.List([.. list.Items.Where(i => !IsWish(NameOf(i))), .. missing.Select(n => TreeEdit.Text($"{n}=${{{n}}}"))]),
            YamlMap map => new YamlMap(map.At, [.. map.Entries.Where(e => !IsWish(e.Key)), .. missing.Select(n => new YamlEntry(n, default, TreeEdit.Text($"${{{n}}}")))]),
            _ => missing.Count > 0 ? TreeEdit.Map(missing.Select(n => (n, (YamlNode?)TreeEdit.Text($"${{{n}}}")))) : environment,
        };
        return clean switch
        {
            null => service,
            YamlList { Items.Count: 0 } or YamlMap { Entries.Count: 0 } => service.Without("environment"),
            _ => service.With("environment", clean),
        };
    }

    private static IEnumerable<(string Name, string? Value)> Items(YamlMap service) => service.Find("environment")?.Value switch
    {
        YamlList list => list.Items.OfType<YamlScalar>().Select(i => (NameOf(i)!, i.Text.IndexOf('=', StringComparison.Ordinal) is >= 0 and var at ? i.Text[(at + 1)..] : null)),
        YamlMap map => map.Entries.Select(e => (e.Key, (e.Value as YamlScalar)?.Text)),
        _ => [],
    };

    private static string? NameOf(YamlNode item) => (item as YamlScalar)?.Text.Split('=')[0];

    private static bool IsWish(string? name) => name is not null && MagicName.Parse(name) is MagicName.Address;

    [GeneratedRegex(@"\$\$\{?(?<name>SERVICE_[A-Z0-9_]+)")]
    private static partial Regex InContainer();
}
