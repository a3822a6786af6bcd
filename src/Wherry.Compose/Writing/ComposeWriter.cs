using Wherry.Core.Model;

namespace Wherry.Compose.Writing;

/// <summary>Writes the model as a Compose file, <c>x-wherry</c> included: reading it again gives an equal model.</summary>
/// <remarks>Contents of secrets are never in the file: it names variables instead.</remarks>
public static class ComposeWriter
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

    private static YamlValue Network(NetworkSpec network) => new YamlMapping
    {
        ["name"] = Escaped.Text(network.ExplicitName),
        ["external"] = network.External ? true : null,
        ["driver"] = Escaped.Text(network.Driver),
        ["internal"] = network.Internal ? true : null,
        ["driver_opts"] = Escaped.Pairs(network.DriverOptions),
        ["labels"] = Escaped.Pairs(network.Labels),
    }.OrNothing() ?? YamlValue.Null;
}
