using Wherry.Core.Deployments;
using Wherry.Core.Planning;
using Wherry.Server.Store;

namespace Wherry.Server.Deployments;

/// <summary>Writes down how far a deployment is. A store that is busy or full for a while does not end what serves.</summary>
internal sealed partial class Journal(DeploymentStore deployments, TimeProvider time, ILogger<Journal> logger)
{
    private const int Tries = 10;

    /// <summary>The end must be on the disk, or the deployment would be driven again.</summary>
    private const int TriesAtTheEnd = 600;

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    /// <summary>Notes that the present step begins.</summary>
    public Task BeginAsync(DeploymentRun run, CancellationToken ct) => SaveAsync(run, new StepRow(run.State.Done, "running", (time.GetUtcNow() - run.State.WaitedBefore).ToStore(), null), ct);

    /// <summary>How long an earlier process waited at the present stage of a trial; its time does not begin anew.</summary>
    public TimeSpan WaitedFor(Deployment d, IReadOnlyList<StepRow> known) =>
        d.Present is Step.AwaitPromotion && known.FirstOrDefault(s => s.Position == d.Done)?.StartedAt is { } since && time.GetUtcNow() - since.FromStore() is var waited && waited > TimeSpan.Zero ? waited : TimeSpan.Zero;


    /// <summary>The entry of a step that ended now; it is kept by <see cref="SaveAsync"/>, together with what it changed.</summary>
    public StepRow Ended(int position, string state) => new(position, state, null, time.GetUtcNow().ToStore());

    /// <summary>Saves the state and the entries that are not saved yet; tries again for a while, then goes on without.</summary>
    public async Task SaveAsync(DeploymentRun run, StepRow? entry, CancellationToken ct)
    {
        if (entry is not null)
        {
            run.Unsaved.Add(entry);
        }

        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await WriteAsync(run, ct);
                return;
            }
            catch (Exception e) when (StoreProblems.IsOutage(e))
            {
                LogUnsaved(run.State.Id, attempt, e);
                if (attempt == 1)
                {
                    await run.Log.WriteAsync("deploy", "wherry", $"the journal cannot be written ({e.Message.TrimEnd('.')}); it is tried again, and what serves goes on serving");
                }

                if (attempt >= (run.State.Stage == Stage.Finished ? TriesAtTheEnd : Tries))
                {
                    return; // the next entry saves the whole state
                }
            }

            await Task.Delay(Every, time, ct);
        }
    }

    public Task<IReadOnlyList<StepRow>> StepsAsync(DeploymentRun run, CancellationToken ct) => deployments.StepsAsync(run.Environment.Team, run.State.Id, ct);

    private async Task WriteAsync(DeploymentRun run, CancellationToken ct)
    {
        do
        {
            var entry = run.Unsaved.FirstOrDefault();
            await deployments.SaveAsync(run.Environment.Team, run.State, run.Wanted?.Number, entry, ct);
            run.Unsaved.Remove(entry!);
        }
        while (run.Unsaved.Count > 0);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Deployment}: the journal could not be written (attempt {Attempt})")]
    private partial void LogUnsaved(string deployment, int attempt, Exception exception);
}
