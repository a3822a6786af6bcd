using System.Globalization;
using Wherry.Core.Model;
using Wherry.Core.Routing;

namespace Wherry.Server.Deployments;

/// <summary>The addresses that a person can open.</summary>
internal sealed class AddressBook(EdgeClient edge)
{
    /// <summary>Addresses of a model's routes, in the order of its services.</summary>
    public async Task<IReadOnlyList<string>> OfAsync(ProjectModel model, CancellationToken ct) =>
        Of(model, EdgePorts.Of(await edge.FindHealthAsync(ct)));

    public static IReadOnlyList<string> Of(ProjectModel model, EdgePorts ports)
    {
        var secure = Secure(model);
        return [.. model.Services.Values.SelectMany(s => Of(s, secure, ports))];
    }

    /// <summary>Which hosts of a model ask for TLS.</summary>
    public static SecureHosts Secure(ProjectModel model) => new(model.Services.Values.Select(s => (s.Name.Value, s.Routes, s.Tls)));

    /// <summary>Addresses of one service: https where its host asks for TLS and the edge listens for it.</summary>
    public static IEnumerable<string> Of(ServiceSpec spec, SecureHosts secure, EdgePorts ports) => spec.Routes.Select(r => ports.Tls is { } tls && secure.Find(r.Host) is not null
        ? Address("https", r, tls, usual: 443)
        : Address("http", r, ports.Plain, usual: 80)).Concat((spec.Tcp ?? []).Select(Address));

    private static string Address(TcpRoute route) => string.Create(CultureInfo.InvariantCulture, $"tcp://{(route.Address is { } one ? one.Contains(':', StringComparison.Ordinal) ? $"[{one}]" : one : "*")}:{route.Listen}");

    private static string Address(string scheme, Route route, int port, int usual) => string.Create(
        CultureInfo.InvariantCulture, $"{scheme}://{route.Host?.Value ?? "*"}{(port == usual ? "" : $":{port}")}{(route.Path == PathPrefix.Root ? "" : route.Path.Value)}");
}
