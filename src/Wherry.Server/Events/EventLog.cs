using System.Data.Common;
using Wherry.Core.Problems;
using Wherry.Server.Environments;
using Wherry.Server.Metrics;
using Wherry.Server.Store;

namespace Wherry.Server.Events;

/// <summary>What happened: who did what, to what, when, and how it was before and after. Append-only.</summary>
/// <remarks>An event tells of something that is done, so it never fails what it tells of: one that cannot be written is kept, said in the server's log, and tried again.</remarks>
internal sealed partial class EventLog(Database database, TimeProvider time, ILogger<EventLog> logger) : IDisposable
{
    /// <summary>More wait only while the store takes nothing at all; then the newest are the ones to know.</summary>
    private const int MostWaiting = 10_000;

    // One at a time: ids then rise in the order in which events become visible, which followers go on by.
    private readonly SemaphoreSlim _order = new(1);
    private readonly Queue<(TeamId Team, EventEntry Entry)> _waiting = new();
    private TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the next event that is written.</summary>
    public Task NextWritten => Volatile.Read(ref _written).Task;

    /// <param name="environment">Where.</param>
    /// <param name="actor">Who: the caller's <see cref="Access.Caller.Actor"/>, or <see cref="Actors.Wherry"/> when nobody asked for it.</param>
    /// <param name="kind">What, as <c>word/what</c>: <c>replica/replaced</c>, <c>deployment/finished</c>.</param>
    /// <param name="about">Which one, for a person: <c>web-2</c>, <c>r7</c>.</param>
    /// <param name="before">How it was; never a secret.</param>
    /// <param name="after">How it is now; never a secret.</param>
    /// <param name="ct">Not heeded: a caller who leaves does not undo what happened.</param>
    public Task RecordAsync(EnvironmentRef environment, string actor, string kind, string about, string? before, string? after, CancellationToken ct) =>
        RecordAsync(environment.Team, new EventEntry(actor, kind, about) { Project = environment.Project.Value, Environment = environment.Name.Value, Before = before, After = after }, ct);

    /// <summary>Records what is about no environment.</summary>
    /// <inheritdoc cref="RecordAsync(EnvironmentRef, string, string, string, string?, string?, CancellationToken)"/>
    public async Task RecordAsync(TeamId team, EventEntry entry, CancellationToken ct)
    {
        await _order.WaitAsync(CancellationToken.None); // see above
        try
        {
            _waiting.Enqueue((team, entry with { At = time.GetUtcNow() }));
            await WriteWaitingAsync(CancellationToken.None); // see above
        }
        finally
        {
            _order.Release();
        }
    }

    /// <summary>Tries again what could not be written.</summary>
    public async Task RetryAsync(CancellationToken ct)
    {
        await _order.WaitAsync(ct);
        try
        {
            await WriteWaitingAsync(ct);
        }
        finally
        {
            _order.Release();
        }
    }

    public void Dispose() => _order.Dispose();

    private async Task WriteWaitingAsync(CancellationToken ct)
    {
        try
        {
            while (_waiting.TryPeek(out var next))
            {
                await InsertAsync(next.Team, next.Entry, ct);
                _waiting.Dequeue();
                ServerMeter.Events.Add(1);
                Interlocked.Exchange(ref _written, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
            }
        }
        catch (Exception e) when (e is DbException or ProblemException)
        {
            LogWaiting(_waiting.Count, e);
            while (_waiting.Count > MostWaiting)
            {
                _waiting.Dequeue();
            }
        }
    }

    private Task<int> InsertAsync(TeamId team, EventEntry e, CancellationToken ct) => database.For(team).ExecuteAsync(
        "INSERT INTO event (team_id, at, actor, kind, project, environment, about, before, after) VALUES (@team, @at, @actor, @kind, @project, @environment, @about, @before, @after)",
        new { at = e.At.ToStore(), actor = e.Actor, kind = e.Kind, project = e.Project, environment = e.Environment, about = e.About, before = e.Before, after = e.After }, ct);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Count} events wait to be written; they are tried again")]
    private partial void LogWaiting(int count, Exception exception);
}

/// <summary>An event before it is written. Values of variables and secrets are never part of it.</summary>
internal sealed record EventEntry(string Actor, string Kind, string About)
{
    public DateTimeOffset At { get; init; }

    public string? Project { get; init; }

    public string? Environment { get; init; }

    public string? Before { get; init; }

    public string? After { get; init; }
}

/// <summary>Actors that are nobody's token.</summary>
internal static class Actors
{
    /// <summary>Wherry itself: the reconcile loop, the clean-up.</summary>
    public const string Wherry = "wherry";
}
