using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Wherry.Client;
using Wherry.Server.Access;
using Wherry.Server.Deployments;
using Wherry.Server.Environments;

namespace Wherry.Server.Metrics;

/// <summary>What the edge counted, service by service.</summary>
internal static class TrafficEndpoints
{
    public static void MapTraffic(this IEndpointRouteBuilder app) => app.MapGet("/api/v1/traffic", ListAsync).WithTags("traffic").Needs(TokenScope.Read);

    private static async Task<Ok<IReadOnlyList<Traffic>>> ListAsync(Caller caller, [FromServices] EdgeClient edge, [FromServices] EnvironmentStore environments, CancellationToken ct)
    {
        var own = (await environments.ListAsync(caller.Team, ct)).Select(e => e.Ref(caller.Team)).ToList();
        return TypedResults.Ok<IReadOnlyList<Traffic>>(
        [
            .. from traffic in await edge.TrafficAsync(ct)
               let environment = own.Find(e => traffic.Key.StartsWith(EdgeClient.KeyPrefix(e), StringComparison.Ordinal))
               where environment is not null
               orderby traffic.Key
               select new Traffic($"{environment.Project}", $"{environment.Name}", traffic.Key[EdgeClient.KeyPrefix(environment).Length..], traffic.Requests, traffic.Failed, traffic.InFlight, traffic.Took),
        ]);
    }
}
