using System.Text.RegularExpressions;
using Wherry.Core.Model;

namespace Wherry.Compose.Writing;

/// <summary>Writes the model as a Compose file, <c>x-wherry</c> included: reading it again gives an equal model.</summary>
/// <remarks>Contents of secrets are never in the file: it names variables instead.</remarks>
public static partial class ComposeWriter
{
    /// <summary>The file's text.</summary>
    public static string Write(ProjectModel model) => YamlText.Write(Describe(model).Tree);

    /// <summary>The file, and what it needs beside it.</summary>
    public static ComposeDocument Describe(ProjectModel model)
    {
        var beside = new Beside();
        var services = new YamlMapping();
        foreach (var (name, spec) in model.Services.OrderBy(s => s.Key.Value, StringComparer.Ordinal))
        {
            services[name.Value] = new ServiceWriter(spec, beside).Write();
            foreach (var variable in VariablesIn(services[name.Value]!).Distinct().Order(StringComparer.Ordinal))
            {
                beside.Want(variable, $"a value of {name}", "");
            }
        }

        foreach (var variable in VariablesIn(beside.Configs).Distinct())
        {
            beside.Want(variable, "the content of a config", "");
        }

        var tree = new YamlMapping
        {
            ["name"] = model.Name?.Value,
            ["services"] = services,
            ["volumes"] = Section(model.Volumes, Volume).OrNothing(),
            ["networks"] = Section(model.Networks.Where(n => n.Key != "default" || Network(n.Value) is YamlMapping), Network).OrNothing(),
            ["secrets"] = beside.Secrets.OrNothing(),
            ["configs"] = beside.Configs.OrNothing(),
        };
        return new(tree, beside.Variables, beside.Files, beside.SecretFiles);
    }

    /// <summary>The names in <c>${NAME}</c>; every other <c>$</c> of what is written here is doubled.</summary>
    private static IEnumerable<string> VariablesIn(YamlValue value) => value switch
    {
        YamlMapping mapping => mapping.SelectMany(e => VariablesIn(e.Value)),
        YamlSequence sequence => sequence.SelectMany(VariablesIn),
        YamlLeaf leaf => Variable().Matches(leaf.Text.Replace("$$", "", StringComparison.Ordinal)).Select(m => m.Groups["name"].Value),
        _ => [],
    };

    [GeneratedRegex(@"\$\{(?<name>\w+)\}")]
    private static partial Regex Variable();

    private static YamlMapping Section<T>(IEnumerable<KeyValuePair<string, T>> all, Func<T, YamlValue> write)
    {
        var section = new YamlMapping();
        foreach (var (name, value) in all.OrderBy(v => v.Key, StringComparer.Ordinal))
        {
            section[name] = write(value);
        }

        return section;
    }

    private static YamlValue Volume(VolumeSpec volume) => new YamlMapping
    {
        ["name"] = Escaped.Text(volume.ExplicitName),
        ["external"] = volume.External ? true : null,
        ["driver"] = Escaped.Text(volume.Driver),
        ["driver_opts"] = Escaped.Pairs(volume.DriverOptions),
        ["labels"] = Escaped.Pairs(volume.Labels),
    }.OrNothing() ?? YamlValue.Null;

    private static YamlMapping? Addresses(Ipam? ipam) => ipam is null ? null : new()
    {
        ["driver"] = Escaped.Text(ipam.Driver),
        ["config"] = new YamlSequence(ipam.Pools.Select(p => new YamlMapping
        {
            ["subnet"] = p.Subnet,
            ["ip_range"] = p.Range,
            ["gateway"] = p.Gateway,
            ["aux_addresses"] = Escaped.Pairs(p.Reserved),
        })).OrNothing(),
        ["options"] = Escaped.Pairs(ipam.Options),
    };

    private static YamlValue Network(NetworkSpec network) => new YamlMapping
    {
        ["name"] = Escaped.Text(network.ExplicitName),
        ["external"] = network.External ? true : null,
        ["driver"] = Escaped.Text(network.Driver),
        ["internal"] = network.Internal ? true : null,
        ["enable_ipv6"] = network.EnableIpv6 is true ? true : null,
        ["attachable"] = network.Attachable is true ? true : null,
        ["ipam"] = Addresses(network.Ipam),
        ["driver_opts"] = Escaped.Pairs(network.DriverOptions),
        ["labels"] = Escaped.Pairs(network.Labels),
    }.OrNothing() ?? YamlValue.Null;
}
