using Wherry.Server.Environments;
using Wherry.Server.Store;

namespace Wherry.Server.Events;

/// <summary>What happened: who did what, to what, when, and how it was before and after. Append-only.</summary>
internal sealed class EventLog(Database database, TimeProvider time)
{
    /// <param name="environment">Where.</param>
    /// <param name="actor">Who: the caller's <see cref="Access.Caller.Actor"/>, or <see cref="Actors.Wherry"/> when nobody asked for it.</param>
    /// <param name="kind">What, as <c>word/what</c>: <c>replica/replaced</c>, <c>deployment/finished</c>.</param>
    /// <param name="about">Which one, for a person: <c>web-2</c>, <c>r7</c>.</param>
    /// <param name="before">How it was; never a secret.</param>
    /// <param name="after">How it is now; never a secret.</param>
    /// <param name="ct">Cancels the writing.</param>
    public Task RecordAsync(EnvironmentRef environment, string actor, string kind, string about, string? before, string? after, CancellationToken ct) => database.For(environment.Team).ExecuteAsync(
        "INSERT INTO event (team_id, at, actor, kind, project, environment, about, before, after) VALUES (@team, @at, @actor, @kind, @project, @environment, @about, @before, @after)",
        new { at = time.GetUtcNow().ToStore(), actor, kind, project = environment.Project.Value, environment = environment.Name.Value, about, before, after }, ct);
}

/// <summary>Actors that are nobody's token.</summary>
internal static class Actors
{
    /// <summary>Wherry itself: the reconcile loop, the clean-up.</summary>
    public const string Wherry = "wherry";
}
