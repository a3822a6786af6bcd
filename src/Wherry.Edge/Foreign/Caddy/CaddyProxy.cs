using System.Net;
using System.Text.Json.Nodes;
using Wherry.Core.Problems;
using Wherry.Core.Routing;
using Wherry.Edge.Switching;

namespace Wherry.Edge.Foreign.Caddy;

/// <summary>Drives a Caddy that is running already. Keeps nothing: what Caddy has is read, our part in it exchanged, and the whole loaded in one step.</summary>
internal sealed class CaddyProxy(CaddyAdmin admin, CaddyRoutes routes, CaddyTls tls, ClosingSign closing, EdgeListen listen) : IForeignProxy
{
    /// <summary>Others change its configuration too; each time it is read again.</summary>
    private const int MostTries = 5;

    public string Name => "Caddy";

    public string Address => admin.Address;

    public bool SignsItself => true;

    public IEnumerable<Unsupported> Refusals(EdgeService service) => CaddyRefusals.Of(service, listen.TrustedProxies.Count > 0);

    public IEnumerable<Unsupported> Refusals(Admission.State state) => state switch
    {
        { Mode: ServiceMode.Paused } => [new("requests that are held (pause)", "Close it with a page instead: `wherry maintenance`")],
        { Mode: ServiceMode.Maintenance, Allow.Count: > 0 } when listen.TrustedProxies.Count > 0 => [new("`--allow` behind a trusted proxy")],
        _ => [],
    };

    public Task<bool> ApplyAsync(ForeignState state, CancellationToken ct) => ChangeAsync(config => CaddyConfig.Add(config, PartOf(state)), ct);

    public Task LeaveAsync(CancellationToken ct) => ChangeAsync(_ => { }, ct);

    public async Task CheckAsync(EdgeService service, CancellationToken ct)
    {
        var (config, _) = await admin.GetAsync(ct);
        CaddyConfig.Remove(config);
        CaddyNeighbours.CheckServers(config, listen.Plain, listen.Secure);
        CaddyNeighbours.Check(config, service, listen);
    }

    public async Task<IReadOnlyDictionary<IPEndPoint, int>?> InFlightAsync(CancellationToken ct) => await admin.UpstreamsAsync(ct);

    public void Dispose()
    {
        admin.Dispose();
        closing.Dispose();
    }

    private async Task<bool> ChangeAsync(Action<JsonObject> add, CancellationToken ct)
    {
        for (var left = MostTries; left > 0; left--)
        {
            var (has, mark) = await admin.GetAsync(ct);
            var shall = (JsonObject)has.DeepClone();
            CaddyConfig.Remove(shall);
            add(shall);
            if (JsonNode.DeepEquals(has, shall))
            {
                return false;
            }

            if (await LoadAsync(shall, mark, CaddyConfig.HasPart(has), ct))
            {
                return true;
            }
        }

        throw new Problem("edge/proxy-refused", $"Caddy's configuration at {Address} was changed by others each time that it was read.", "Find out who writes it; what it serves stays as it is.").AsException();
    }

    /// <param name="serves">Visitors may have connections to us.</param>
    private async Task<bool> LoadAsync(JsonObject config, string mark, bool serves, CancellationToken ct)
    {
        try
        {
            await (serves ? closing.RaiseAsync(ct) : Task.CompletedTask);
            return await admin.PutAsync(config, mark, ct);
        }
        finally
        {
            closing.Lower();
        }
    }

    private CaddyConfig.Part PartOf(ForeignState state) => new(
        listen.Plain,
        listen.Secure,
        routes.Of(state.Services, secure: false),
        routes.Of(state.Services, secure: true),
        routes.Nothing,
        () => [closing.ToRoute(), routes.Climbing()],
        state.Leaving.Count > 0 ? CaddyRoutes.Leaving(state.Leaving.Select(e => e.ToString())) : null,
        listen.Secure.Count > 0 ? CaddyTls.Policies(state.Services) : [],
        listen.Secure.Count > 0 ? tls.Certificates(state.Services) : []);
}
