using Wherry.Compose.Yaml;
using Wherry.Core.Problems;

namespace Wherry.Compose.Importing.Coolify;

/// <summary>A one-click template of Coolify: a Compose file whose variables mean something by their names.</summary>
public static class CoolifyImport
{
    /// <summary>The template as a Compose project.</summary>
    /// <param name="fileName">Shown in problems; the project is named after it.</param>
    /// <param name="tls">The routes are served by TLS: <c>https</c> stands in addresses.</param>
    /// <exception cref="ProblemException">What keeps the file from being read: <c>compose/yaml</c>, <c>compose/merge</c>, <c>compose/duplicate-key</c>, <c>compose/too-large</c>, <c>compose/no-service</c>.</exception>
    public static ImportedProject Read(string text, string fileName, bool tls = true)
    {
        var errors = new SpecErrors(fileName);
        var root = YamlTree.Parse(text, fileName, errors);
        errors.ThrowIfAny();
        var services = root.MapOf("services")?.Entries.Where(e => e.Value is YamlMap).Select(e => (e.Key, (YamlMap)e.Value)).ToList() ?? [];
        return services.Count > 0
            ? Read(root, services, CoolifyHeader.Read(text), ImportNames.Project(fileName), tls)
            : throw new Problem("compose/no-service", $"{fileName} describes no service.", "Give a template with services in it.").AsException();
    }

    private static ImportedProject Read(YamlMap root, List<(string Name, YamlMap Service)> services, CoolifyHeader header, string name, bool tls)
    {
        var addresses = CoolifyAddresses.Find(services, header.Port);
        var volumes = CoolifyVolumes.Find(services, root.MapOf("volumes"));
        var lost = services.Where(s => s.Service.Find("exclude_from_hc") is not null)
            .Select(s => new LostPoint($"services.{s.Name}.exclude_from_hc", "has no effect: every service is watched"))
            .Concat(services.Where(s => HasNoNetwork(s.Service) && addresses.RoutesOf(s.Name) is not null).Select(s => new LostPoint($"services.{s.Name}.network_mode", "no route leads to a service without a network of its own; it is reached by the server's address")))
            .ToList();
        var read = services.Select(s => (s.Name, (YamlNode?)Service(s.Name, s.Service, addresses, volumes, tls))).ToList();

        // What stands under x- was for anchors, and those are written out.
        var kept = root.Entries.Where(e => e.Key is not ("version" or "services" or "volumes" or "configs") && !e.Key.StartsWith("x-", StringComparison.Ordinal));
        var configs = new YamlMap(default, [.. root.MapOf("configs")?.Entries ?? [], .. volumes.Configs.Entries]);
        var whole = TreeEdit.Map(
            [
                .. kept.Where(e => e.Key == "name").Select(e => (e.Key, (YamlNode?)e.Value)),
                ("services", TreeEdit.Map(read)),
                .. kept.Where(e => e.Key != "name").Select(e => (e.Key, (YamlNode?)e.Value)),
                ("volumes", volumes.Declare(root.MapOf("volumes")) is { Entries.Count: > 0 } declared ? declared : null),
                ("configs", configs.Entries.Count > 0 ? configs : null),
            ]);
        return new()
        {
            Name = name,
            Files = ImportText.Write(whole, header.About),
            Inputs = InputList.Of(whole, n => Known(n, addresses)),
            Lost = [.. lost, .. addresses.Lost, .. volumes.Lost],
            About = header.About,
        };
    }

    private static YamlMap Service(string name, YamlMap service, CoolifyAddresses addresses, CoolifyVolumes volumes, bool tls)
    {
        var clean = volumes.Translate(name, CoolifyEnvironment.Clean(WithoutShell(service.Without("exclude_from_hc"))));
        var written = (YamlMap)clean.EachText(text => VariableText.Replace(text, r => Exchange(r, addresses, tls ? "https" : "http"), escape: true));
        if (HasNoNetwork(written))
        {
            return written.Without("container_name"); // a name on no network
        }

        return addresses.RoutesOf(name) is { } routes && written.Find("x-wherry") is null
            ? written.With("x-wherry", TreeEdit.Map(("routes", routes), ("tls", tls ? TreeEdit.Plain("true") : null), ("health", TreeEdit.Map(("deadline", TreeEdit.Text("5m"))))))
            : written;
    }

    private static bool HasNoNetwork(YamlMap service) => service.TextOf("network_mode") is "host" or "none";

    /// <summary>A test for the shell in several words means the words.</summary>
    private static YamlMap WithoutShell(YamlMap service) =>
        service.MapOf("healthcheck") is { } check && check.Find("test")?.Value is YamlList { Items: [YamlScalar { Text: "CMD-SHELL" }, _, _, ..] } test
            ? service.With("healthcheck", check.With("test", TreeEdit.List([TreeEdit.Text("CMD"), .. test.Items.Skip(1)])))
            : service;

    /// <summary>An address is always there, so what stands in its place when it is not is never used.</summary>
    private static string? Exchange(VariableText.Reference reference, CoolifyAddresses addresses, string scheme) => MagicName.Parse(reference.Name) switch
    {
        MagicName.Address when reference.Operator is ":+" or "+" => VariableText.Replace(reference.Rest, r => Exchange(r, addresses, scheme)),
        MagicName.Address address => addresses.Write(address, scheme),
        _ => null,
    };

    private static ImportInput? Known(string name, CoolifyAddresses addresses) => MagicName.Parse(name) switch
    {
        MagicName.Made made => new(name, InputKind.Generated, "") { Shape = made.Shape, Secret = made.IsSecret },
        MagicName.Address or null when addresses.Hosts.Contains(name) => new(name, InputKind.Host, "") { Required = true },
        _ => null,
    };
}
