using System.Reflection;
using Wherry.Client;
using Wherry.Docker;
using Wherry.Core.Problems;
using Wherry.Server.Access;
using Wherry.Server.Deployments;
using Wherry.Server.Environments;
using Wherry.Server.Reconcile;
using Wherry.Server.Services;

namespace Wherry.Server.Status;

/// <summary>What is this, how is it, what is wrong with it.</summary>
internal static class StatusEndpoints
{
    public static void AddStatus(this IServiceCollection services) => services
        .AddSingleton<Doctor>();

    public static void MapStatus(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/v1/version", VersionAsync).Needs(TokenScope.Read);
        app.MapGet("/api/v1/status", ShowAsync).Needs(TokenScope.Read);
        app.MapGet("/api/v1/doctor", async (Doctor doctor, DoctorDrift drift, CancellationToken ct) => (IReadOnlyList<DoctorCheck>)[.. await doctor.CheckAsync(ct), drift.Check()]).Needs(TokenScope.Read);
    }

    private static async Task<ServerVersion> VersionAsync(Engine engine, CancellationToken ct)
    {
        var version = typeof(StatusEndpoints).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
        try
        {
            var found = await engine.VersionAsync(ct);
            return new ServerVersion(version, "v1", found.Version, found.UsedApi);
        }
        catch (ProblemException)
        {
            // The engine is what `doctor` is for; the version is told without it.
            return new ServerVersion(version, "v1", null, null);
        }
    }

    private static async Task<Client.Status> ShowAsync(Caller caller, Engine engine, EnvironmentStore environments, DeploymentStore deployments, ServiceView view, ServerOptions options, CancellationToken ct)
    {
        var version = VersionAsync(engine, ct);
        var seen = await view.LookAsync(null, ct);
        var last = (await deployments.LastAsync(caller.Team, ct)).ToDictionary(d => (d.Project, d.Environment));
        var shown = new List<EnvironmentStatus>();
        foreach (var row in await environments.ListAsync(caller.Team, ct))
        {
            var services = await view.OfAsync(row.Ref(caller.Team), seen, ct);
            var deployment = last.GetValueOrDefault((row.Project, row.Name));
            var journal = deployment is { Outcome: null } atWork ? await deployments.StepsAsync(caller.Team, atWork.Id, ct) : [];
            shown.Add(new EnvironmentStatus(row.ToContract(), services, deployment?.ToContract(journal, [])));
        }

        return new Client.Status(await version, seen.Edge is not null, seen.Edge?.Listen ?? [], options.Listen is { } listen ? $"http://{listen}" : null, shown) { EdgeTlsAddresses = seen.Edge?.ListenTls ?? [] };
    }
}
