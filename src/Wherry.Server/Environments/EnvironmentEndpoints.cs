using Wherry.Client;
using Wherry.Core.Model;
using Wherry.Server.Access;
using Wherry.Server.Events;
using Wherry.Server.Projects;

namespace Wherry.Server.Environments;

internal static class EnvironmentEndpoints
{
    public static void MapEnvironments(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/v1/projects/{project}/environments", ListAsync).Needs(TokenScope.Read);
        app.MapPost("/api/v1/projects/{project}/environments", CreateAsync).Needs(TokenScope.Deploy);
        app.MapDelete("/api/v1/projects/{project}/environments/{environment}", RemoveAsync).Needs(TokenScope.Admin);
    }

    private static async Task<IReadOnlyList<ProjectEnvironment>> ListAsync(string project, Caller caller, ProjectStore projects, EnvironmentStore environments, CancellationToken ct)
    {
        var found = await projects.GetAsync(caller.Team, ProjectName.Parse(project), ct);
        return [.. (await environments.ListAsync(caller.Team, ct)).Where(e => e.Project == found.Name).Select(e => e.ToContract())];
    }

    private static async Task<ProjectEnvironment> CreateAsync(string project, CreateEnvironment body, Caller caller, ProjectStore projects, EnvironmentStore environments, EventLog events, CancellationToken ct)
    {
        var found = await projects.GetAsync(caller.Team, ProjectName.Parse(project), ct);
        var name = EnvironmentName.Parse(body.Name);
        await environments.CreateAsync(caller.Team, found.Id, name, GitRef.Parse(body.Branch ?? name.Value).Value, ct);
        await events.RecordAsync(await environments.GetAsync(caller.Team, project, name.Value, ct), caller.Actor, EventKinds.EnvironmentCreated, name.Value, null, null, ct);
        return (await environments.GetRowAsync(caller.Team, ProjectName.Parse(project), name, ct)).ToContract();
    }

    private static async Task RemoveAsync(string project, string environment, bool? volumes, Caller caller, EnvironmentStore environments, EnvironmentRemoval removal, EventLog events, CancellationToken ct)
    {
        var at = await environments.GetAsync(caller.Team, project, environment, ct);
        await removal.RemoveAsync(at, volumes ?? false, ct);
        await events.RecordAsync(at, caller.Actor, EventKinds.EnvironmentRemoved, at.Name.Value, null, volumes is true ? "volumes removed" : "volumes kept", ct);
    }
}
