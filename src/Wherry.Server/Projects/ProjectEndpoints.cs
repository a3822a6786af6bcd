using Wherry.Client;
using Wherry.Core.Model;
using Wherry.Server.Access;
using Wherry.Server.Environments;
using Wherry.Server.Events;
using Wherry.Server.Store;

namespace Wherry.Server.Projects;

internal static class ProjectEndpoints
{
    public static void AddProjects(this IServiceCollection services) => services
        .AddSingleton<ProjectStore>()
        .AddSingleton<CapabilityStore>()
        .AddSingleton<EnvironmentStore>()
        .AddSingleton<EnvironmentLocks>()
        .AddSingleton<Leftovers>()
        .AddSingleton<EnvironmentRemoval>();

    public static void MapProjects(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/v1/projects", ListAsync).Needs(TokenScope.Read);
        app.MapPost("/api/v1/projects", CreateAsync).Needs(TokenScope.Deploy);
        app.MapDelete("/api/v1/projects/{project}", RemoveAsync).Needs(TokenScope.Admin);
        app.MapPut("/api/v1/projects/{project}/capabilities/{capability}", AllowAsync).Needs(TokenScope.Admin);
        app.MapDelete("/api/v1/projects/{project}/capabilities/{capability}", ForbidAsync).Needs(TokenScope.Admin);
    }

    private static async Task<IReadOnlyList<Project>> ListAsync(Caller caller, ProjectStore projects, EnvironmentStore environments, CapabilityStore capabilities, CancellationToken ct)
    {
        var (all, allowed) = (await environments.ListAsync(caller.Team, ct), await capabilities.AllAsync(caller.Team, ct));
        return [.. (await projects.ListAsync(caller.Team, ct)).Select(p => Show(p, all) with { Allowed = [.. allowed[p.Name].Select(c => c.Value)] })];
    }

    private static async Task<Project> CreateAsync(CreateProject body, Caller caller, ProjectStore projects, EnvironmentStore environments, EventLog events, CancellationToken ct)
    {
        var made = await projects.CreateAsync(caller.Team, ProjectName.Parse(body.Name), ct);
        await events.RecordAsync(caller.Team, new EventEntry(caller.Actor, EventKinds.ProjectCreated, made.Name) { Project = made.Name }, ct);
        return Show(made, await environments.ListAsync(caller.Team, ct));
    }

    private static async Task RemoveAsync(string project, bool? volumes, Caller caller, EnvironmentStore environments, EnvironmentLocks locks, EnvironmentRemoval removal, EventLog events, CancellationToken ct)
    {
        var name = ProjectName.Parse(project);
        foreach (var row in (await environments.ListAsync(caller.Team, ct)).Where(e => e.Project == name.Value))
        {
            await locks.CheckAsync(row.Ref(caller.Team), ct);
        }

        await removal.RemoveProjectAsync(caller.Team, name, volumes ?? false, ct);
        await events.RecordAsync(caller.Team, new EventEntry(caller.Actor, EventKinds.ProjectRemoved, name.Value) { Project = name.Value, After = volumes is true ? "volumes removed" : "volumes kept" }, ct);
    }

    private static async Task AllowAsync(string project, string capability, Caller caller, CapabilityStore capabilities, EventLog events, CancellationToken ct)
    {
        var (name, asked) = (ProjectName.Parse(project), Capability.Parse(capability));
        if (await capabilities.AllowAsync(caller.Team, name, asked, ct))
        {
            await events.RecordAsync(caller.Team, new EventEntry(caller.Actor, EventKinds.CapabilityAllowed, asked.Value) { Project = name.Value }, ct);
        }
    }

    private static async Task ForbidAsync(string project, string capability, Caller caller, CapabilityStore capabilities, EventLog events, CancellationToken ct)
    {
        var (name, asked) = (ProjectName.Parse(project), Capability.Parse(capability));
        if (await capabilities.ForbidAsync(caller.Team, name, asked, ct))
        {
            await events.RecordAsync(caller.Team, new EventEntry(caller.Actor, EventKinds.CapabilityForbidden, asked.Value) { Project = name.Value }, ct);
        }
    }

    private static Project Show(ProjectRow row, IReadOnlyList<EnvironmentRow> environments) =>
        new(row.Name, row.CreatedAt.FromStore(), [.. environments.Where(e => e.Project == row.Name).Select(e => e.Name)]);
}
