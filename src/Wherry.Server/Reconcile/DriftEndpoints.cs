using Wherry.Client;
using Wherry.Server.Access;
using Wherry.Server.Environments;

namespace Wherry.Server.Reconcile;

/// <summary>What differs from what is wanted: looking, reverting, adopting.</summary>
internal static class DriftEndpoints
{
    public static void AddReconcile(this IServiceCollection services) => services
        .AddSingleton<ReconcileStore>()
        .AddSingleton<WantedReleases>()
        .AddSingleton<SettingsWatch>()
        .AddSingleton<DriftBoard>()
        .AddSingleton<DoctorDrift>()
        .AddSingleton<AddressAlignment>()
        .AddSingleton<ReconcileObserver>()
        .AddSingleton<ReconcileEvents>()
        .AddSingleton<ReconcileActions>()
        .AddSingleton<ReconcilePass>()
        .AddSingleton<DriftControl>()
        .AddSingleton<EngineWatch>()
        .AddHostedService(s => s.GetRequiredService<EngineWatch>())
        .AddHostedService<ReconcileWorker>();

    public static void MapDrift(this IEndpointRouteBuilder app)
    {
        const string At = "/api/v1/projects/{project}/environments/{environment}";
        app.MapGet("/api/v1/drift", (string? project, Caller caller, DriftControl control, CancellationToken ct) => control.ShowAsync(caller.Team, project, ct)).Needs(TokenScope.Read);
        app.MapPost($"{At}/drift/revert", RevertAsync).Needs(TokenScope.Deploy);
        app.MapPost($"{At}/drift/adopt", AdoptAsync).Needs(TokenScope.Deploy);
    }

    private static async Task<Client.Deployment> RevertAsync(string project, string environment, Caller caller, EnvironmentStore environments, DriftControl control, CancellationToken ct) =>
        await control.RevertAsync(await environments.GetAsync(caller.Team, project, environment, ct), caller, ct);

    private static async Task<IReadOnlyList<string>> AdoptAsync(string project, string environment, Caller caller, EnvironmentStore environments, EnvironmentLocks locks, DriftControl control, CancellationToken ct)
    {
        var at = await environments.GetAsync(caller.Team, project, environment, ct);
        await locks.CheckAsync(at, ct);
        return await control.AdoptAsync(at, caller, ct);
    }
}
