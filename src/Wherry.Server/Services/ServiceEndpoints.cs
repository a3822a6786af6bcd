using Wherry.Client;
using Wherry.Core.Deployments;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Server.Access;
using Wherry.Server.Environments;

namespace Wherry.Server.Services;

/// <summary>Services as they run: looking at them, scaling, stopping, starting, maintenance.</summary>
internal static class ServiceEndpoints
{
    public static void AddServices(this IServiceCollection services) => services
        .AddSingleton<ServiceView>()
        .AddSingleton<ServiceControl>();

    public static void MapServices(this IEndpointRouteBuilder app)
    {
        const string At = "/api/v1/projects/{project}/environments/{environment}";
        app.MapGet($"{At}/services", ListAsync).Needs(TokenScope.Read);
        app.MapPost($"{At}/scale", ScaleAsync).Needs(TokenScope.Deploy);
        app.MapPost($"{At}/stop", (string project, string environment, ServicesRequest body, Caller caller, ServiceControl control, CancellationToken ct) => control.QueueAsync(project, environment, DeploymentKind.Stop, body.Services, caller, ct)).Needs(TokenScope.Deploy);
        app.MapPost($"{At}/start", (string project, string environment, ServicesRequest body, Caller caller, ServiceControl control, CancellationToken ct) => control.QueueAsync(project, environment, DeploymentKind.Start, body.Services, caller, ct)).Needs(TokenScope.Deploy);
        app.MapPost($"{At}/restart", (string project, string environment, ServicesRequest body, Caller caller, ServiceControl control, CancellationToken ct) => control.QueueAsync(project, environment, DeploymentKind.Restart, body.Services, caller, ct)).Needs(TokenScope.Deploy);
        app.MapPost($"{At}/maintenance", (string project, string environment, SetMaintenance body, Caller caller, ServiceControl control, CancellationToken ct) => control.MaintainAsync(project, environment, body, caller, ct)).Needs(TokenScope.Deploy);
        app.MapPost($"{At}/pause", (string project, string environment, SetPause body, Caller caller, ServiceControl control, CancellationToken ct) => control.PauseAsync(project, environment, body, caller, ct)).Needs(TokenScope.Deploy);
    }

    private static async Task<IReadOnlyList<Service>> ListAsync(string project, string environment, Caller caller, EnvironmentStore environments, ServiceView view, CancellationToken ct) =>
        await view.OfAsync(await environments.GetAsync(caller.Team, project, environment, ct), ct);

    private static async Task<Client.Deployment> ScaleAsync(string project, string environment, ScaleRequest body, Caller caller, ServiceControl control, EnvironmentStore environments, EnvironmentLocks locks, CancellationToken ct)
    {
        var wanted = body.Replicas.ToDictionary(r => ServiceName.Parse(r.Key), r => r.Value);
        if (wanted.FirstOrDefault(r => r.Value is < 0 or > 100) is { Key: { } service, Value: var count })
        {
            throw new Problem("service/replicas", $"{count} is not a number of replicas for {service}.", "Use 0 to 100.").AsException();
        }

        var at = await environments.GetAsync(caller.Team, project, environment, ct);
        await control.CheckAsync(at, wanted.Keys.Select(s => s.Value), ct);
        await locks.CheckAsync(at, ct);
        await environments.SetScaleAsync(at, wanted, ct);
        return await control.QueueAsync(project, environment, DeploymentKind.Scale, null, caller, ct);
    }
}
