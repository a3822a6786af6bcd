using Wherry.Client;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Server.Access;
using Wherry.Server.Events;
using Wherry.Server.Projects;

namespace Wherry.Server.Environments;

internal static class EnvironmentEndpoints
{
    private const int MaxMessage = 500;

    public static void MapEnvironments(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/v1/projects/{project}/environments", ListAsync).Needs(TokenScope.Read);
        app.MapPost("/api/v1/projects/{project}/environments", CreateAsync).Needs(TokenScope.Deploy);
        app.MapDelete("/api/v1/projects/{project}/environments/{environment}", RemoveAsync).Needs(TokenScope.Admin);
        app.MapPost("/api/v1/projects/{project}/environments/{environment}/lock", LockAsync).Needs(TokenScope.Deploy);
        app.MapDelete("/api/v1/projects/{project}/environments/{environment}/lock", UnlockAsync).Needs(TokenScope.Deploy);
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

    private static async Task RemoveAsync(string project, string environment, bool? volumes, Caller caller, EnvironmentStore environments, EnvironmentLocks locks, EnvironmentRemoval removal, EventLog events, CancellationToken ct)
    {
        var at = await environments.GetAsync(caller.Team, project, environment, ct);
        await locks.CheckAsync(at, ct);
        await removal.RemoveAsync(at, volumes ?? false, ct);
        await events.RecordAsync(at, caller.Actor, EventKinds.EnvironmentRemoved, at.Name.Value, null, volumes is true ? "volumes removed" : "volumes kept", ct);
    }

    private static async Task<ProjectEnvironment> LockAsync(string project, string environment, TakeLock body, Caller caller, EnvironmentStore environments, EnvironmentLocks locks, EventLog events, CancellationToken ct)
    {
        var at = await environments.GetAsync(caller.Team, project, environment, ct);
        if (!Enum.IsDefined(body.Scope))
        {
            throw new Problem("environment/lock-scope", $"{body.Scope:D} is not what a lock can hold back.", "Use Everything or Pushes.").AsException();
        }

        var message = string.IsNullOrWhiteSpace(body.Message) ? null : body.Message.Trim();
        if (message is { Length: > MaxMessage } || message?.Any(char.IsControl) == true)
        {
            throw new Problem("environment/lock-message", $"The message of a lock is one line of at most {MaxMessage} characters.", "Say less.").AsException();
        }

        var taken = await locks.TakeAsync(at, caller.Actor, message, body.Scope, ct);
        await events.RecordAsync(at, caller.Actor, EventKinds.LockTaken, taken.Scope.ToString().ToLowerInvariant(), null, message, ct);
        return (await environments.GetRowAsync(caller.Team, at.Project, at.Name, ct)).ToContract();
    }

    private static async Task<ProjectEnvironment> UnlockAsync(string project, string environment, Caller caller, EnvironmentStore environments, EnvironmentLocks locks, EventLog events, CancellationToken ct)
    {
        var at = await environments.GetAsync(caller.Team, project, environment, ct);
        if (await locks.ReleaseAsync(at, ct) is { } ended)
        {
            await events.RecordAsync(at, caller.Actor, EventKinds.LockReleased, ended.Scope.ToString().ToLowerInvariant(), ended.Message is { Length: > 0 } message ? $"{ended.Holder}: {message}" : ended.Holder, null, ct);
        }

        return (await environments.GetRowAsync(caller.Team, at.Project, at.Name, ct)).ToContract();
    }
}
