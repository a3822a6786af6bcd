using System.Globalization;
using System.Text.RegularExpressions;
using Wherry.Compose.Yaml;

namespace Wherry.Compose.Importing.Coolify;

/// <summary>Where the services of a template are reached: which host names it needs, and which route each makes.</summary>
internal sealed partial class CoolifyAddresses
{
    private const int UsualPort = 80;

    private readonly IReadOnlyList<(string Name, YamlMap Service)> _services;
    private readonly int? _headerPort;
    private readonly Dictionary<(string Of, int? Port), Place> _places = [];
    private readonly List<(string Service, string Host, string Path, int Port)> _routes = [];

    private CoolifyAddresses(IReadOnlyList<(string Name, YamlMap Service)> services, int? headerPort) => (_services, _headerPort) = (services, headerPort);

    public List<LostPoint> Lost { get; } = [];

    /// <summary>The variables that hold host names.</summary>
    public IReadOnlyCollection<string> Hosts => [.. _places.Values.Select(p => p.Host).Distinct()];

    /// <param name="headerPort">The port that the template's header names.</param>
    public static CoolifyAddresses Find(IReadOnlyList<(string Name, YamlMap Service)> services, int? headerPort)
    {
        var addresses = new CoolifyAddresses(services, headerPort);
        var declared = services.SelectMany(s => CoolifyEnvironment.Addresses(s.Service).Select(a => new Declared(s.Name, a.Name, a.Path))).ToList();
        var asked = services.SelectMany(s => s.Service.Texts()).SelectMany(t => VariableText.References(t.Text)).Select(r => MagicName.Parse(r.Name)).OfType<MagicName.Address>().Distinct().ToList();
        foreach (var of in declared.Select(d => d.Name.Of).Concat(asked.Select(a => a.Of)).Distinct().ToList())
        {
            addresses.PlaceAll(of, [.. declared.Where(d => d.Name.Of == of)], [.. asked.Where(a => a.Of == of).Select(a => a.Port).OfType<int>().Distinct()], declared.Select(d => d.Name.Of).Distinct().Count() == 1);
        }

        return addresses;
    }

    /// <summary>What stands in the file for this address.</summary>
    public string Write(MagicName.Address address, string scheme)
    {
        var place = _places.GetValueOrDefault((address.Of, address.Port)) ?? _places[(address.Of, null)];
        return address.IsUrl ? $"{scheme}://${{{place.Host}}}{place.Path.TrimEnd('/')}" : $"${{{place.Host}}}";
    }

    /// <summary>The routes of a service for <c>x-wherry</c>; <see langword="null"/> when it has none.</summary>
    public YamlList? RoutesOf(string service)
    {
        var routes = _routes.Where(r => r.Service == service).Distinct().ToList();
        return routes.Count == 0 ? null : TreeEdit.List(routes.Select(r => TreeEdit.Map(
            ("host", TreeEdit.Text($"${{{r.Host}:?needs a host name}}")),
            ("path", r.Path == "/" ? null : TreeEdit.Text(r.Path)),
            ("port", TreeEdit.Number(r.Port)))));
    }

    private void PlaceAll(string of, List<Declared> declared, List<int> askedPorts, bool isOnly)
    {
        var host = $"SERVICE_FQDN_{of}";
        if (declared.Count == 0)
        {
            var service = _services.FirstOrDefault(s => Same(s.Name, of));
            _places[(of, null)] = new(host, "/");
            if (service.Name is null)
            {
                return; // an address elsewhere, which the template only speaks of
            }

            declared = [new(service.Name, new(of, askedPorts is [var first, ..] ? first : null, IsUrl: true), "/")];
        }

        // A host and a path lead to one port of one service. The service that is called like the host comes first.
        var taken = new Dictionary<string, (string Service, int Port)>(StringComparer.Ordinal);
        foreach (var one in declared.OrderBy(d => Same(d.Service, of) ? 0 : 1).ThenBy(d => d.Name.Port is null && declared.Exists(o => o.Service == d.Service && o.Name.Port is not null) ? 1 : 0))
        {
            var port = one.Name.Port ?? taken.GetValueOrDefault(one.Path).Port switch { 0 => PortOf(one, askedPorts, isOnly), var known => known };
            if (taken.TryGetValue(one.Path, out var before) && before.Port == port)
            {
                _places.TryAdd((of, port), new(host, one.Path));
                continue;
            }

            var name = before.Port == 0 ? host : $"{host}_{port}";
            taken.TryAdd(one.Path, (one.Service, port));
            _places.TryAdd((of, before.Port == 0 ? null : port), new(name, one.Path));
            _places.TryAdd((of, port), new(name, one.Path));
            _routes.Add((one.Service, name, one.Path, port));
        }

        foreach (var port in askedPorts.Where(p => !_places.ContainsKey((of, p))))
        {
            _places[(of, port)] = new($"{host}_{port}", "/");
            _routes.Add((declared[0].Service, $"{host}_{port}", "/", port));
        }
    }

    /// <summary>The port of a route that names none.</summary>
    private int PortOf(Declared one, List<int> askedPorts, bool isOnly)
    {
        var service = _services.First(s => s.Name == one.Service).Service;
        if (askedPorts is [var asked])
        {
            return asked;
        }

        if (service.ItemsOf("expose").OfType<YamlScalar>().Select(s => Port(s.Text)).OfType<int>().ToList() is [var exposed])
        {
            return exposed;
        }

        if (isOnly && _headerPort is { } header)
        {
            return header;
        }

        if (service.MapOf("healthcheck")?.Texts().Select(t => LocalPort().Match(t.Text)).FirstOrDefault(m => m.Success) is { } match && Port(match.Groups["port"].Value) is { } probed)
        {
            return probed;
        }

        Lost.Add(new($"services.{one.Service}", $"nothing says on which port it listens; the route leads to {UsualPort}"));
        return UsualPort;
    }

    private static int? Port(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535 ? port : null;

    private static bool Same(string service, string of) =>
        string.Equals(Letters(service), Letters(of), StringComparison.OrdinalIgnoreCase);

    private static string Letters(string name) => string.Concat(name.Where(char.IsAsciiLetterOrDigit));

    [GeneratedRegex(@"(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])[:/](?<port>[0-9]{2,5})\b")]
    private static partial Regex LocalPort();

    /// <param name="Path">Path that the value of the variable gives.</param>
    private sealed record Declared(string Service, MagicName.Address Name, string Path);

    /// <param name="Host">Variable of the host name.</param>
    private sealed record Place(string Host, string Path);
}
