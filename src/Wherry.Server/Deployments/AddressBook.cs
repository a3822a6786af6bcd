using Wherry.Core.Model;

namespace Wherry.Server.Deployments;

/// <summary>The addresses that a person can open.</summary>
internal sealed class AddressBook(EdgeClient edge)
{
    /// <summary>Addresses of a model's routes, in the order of its services.</summary>
    public async Task<IReadOnlyList<string>> OfAsync(ProjectModel model, CancellationToken ct) =>
        Of(model, await PortAsync(ct));

    public static IReadOnlyList<string> Of(ProjectModel model, int port) => [.. model.Services.Values.SelectMany(s => Of(s, port))];

    public static IEnumerable<string> Of(ServiceSpec spec, int port) => spec.Routes.Select(r =>
        $"http://{r.Host?.Value ?? "*"}{(port == 80 ? "" : $":{port}")}{(r.Path == PathPrefix.Root ? "" : r.Path.Value)}");

    /// <summary>The edge's first port; 80 when it does not answer.</summary>
    public async Task<int> PortAsync(CancellationToken ct) => PortOf((await edge.FindHealthAsync(ct))?.Listen ?? []);

    public static int PortOf(IReadOnlyList<string> listen) =>
        listen.Count > 0 && int.TryParse(listen[0].AsSpan(listen[0].LastIndexOf(':') + 1), out var port) ? port : 80;
}
