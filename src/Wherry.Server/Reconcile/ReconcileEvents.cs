using Wherry.Core.Problems;
using Wherry.Core.Reconcile;
using Wherry.Docker;
using Wherry.Server.Environments;
using Wherry.Server.Events;
using Wherry.Server.Logs;

namespace Wherry.Server.Reconcile;

/// <summary>Writes into the event log what happened to replicas.</summary>
internal sealed class ReconcileEvents(Engine engine, EventLog log, ReplicaMasks masks)
{
    private const int Longest = 500;

    public async Task RecordAsync(EnvironmentRef environment, IReadOnlyList<Happening> happenings, CancellationToken ct)
    {
        foreach (var happening in happenings)
        {
            await log.RecordAsync(environment, Actors.Wherry, Kind(happening.Kind), happening.About, null, await AfterAsync(environment, happening, ct), ct);
        }
    }

    private static string Kind(HappeningKind kind) => kind switch
    {
        HappeningKind.Died => EventKinds.ReplicaDied,
        HappeningKind.CrashLooping => EventKinds.ReplicaCrashLooping,
        HappeningKind.Steady => EventKinds.ReplicaSteady,
        _ => EventKinds.ReplicaReplaced,
    };

    private async Task<string> AfterAsync(EnvironmentRef environment, Happening happening, CancellationToken ct)
    {
        if (happening.Death is not { } death)
        {
            return happening.Kind == HappeningKind.Steady ? "runs steadily" : "all replicas run again";
        }

        var ended = $"{(death.ExitCode is { } code ? $"exit code {code}" : "ended")}{(death.OutOfMemory ? ", out of memory" : "")}";
        return await LastLineAsync(environment, death.Container, ct) is { } line ? $"{ended}: {line}" : ended;
    }

    /// <summary>What the replica said last; <see langword="null"/> when it is gone or said nothing.</summary>
    private async Task<string?> LastLineAsync(EnvironmentRef environment, string container, CancellationToken ct)
    {
        try
        {
            string? last = null;
            await foreach (var line in engine.Containers.LogsAsync(container, new LogQuery { Tail = 1 }, ct))
            {
                last = line.Text;
            }

            return last is null ? null : (await masks.OfAsync(environment.Project.Value, environment.Name.Value, ct)).Apply(last.Length > Longest ? last[..Longest] : last);
        }
        catch (ProblemException)
        {
            return null;
        }
    }
}
