using Wherry.Core.Deployments;
using Wherry.Core.Planning;
using Wherry.Core.Problems;
using Wherry.Server.Environments;
using Wherry.Server.Receipts;

namespace Wherry.Server.Deployments;

/// <summary>The end of a deployment: makes the release current, tells the addresses, gives up images that nobody can go back to, writes the receipt.</summary>
internal sealed class Completion(EnvironmentStore environments, AddressBook addresses, ReleasePruning pruning, ReceiptWriter receipts)
{
    public async Task FinishAsync(DeploymentRun run, Problem? problem, CancellationToken ct)
    {
        await run.CloseTreeAsync();
        if (problem is not null)
        {
            await receipts.CloseAsync(run, problem, ct);
            if (run.State.Problem is null) // else it was told when it happened
            {
                await run.Log.WriteAsync(problem);
            }

            await run.Log.WriteAsync("deploy", "wherry", problem.Code == Interruption.Cancelled ? "cancelled" : "failed");
            return;
        }

        if (run.Intent.Kind == DeploymentKind.Heal)
        {
            await receipts.CloseAsync(run, null, ct);
            await run.Log.WriteAsync("deploy", "wherry", "what runs is what is wanted");
            return;
        }

        await environments.NoteStoppedAsync(run.Environment, run.Intent.Kind != DeploymentKind.Stop, run.Intent.Kind is DeploymentKind.Stop or DeploymentKind.Start ? run.Intent.Services : [], run.Wanted!.Model.Services.Keys, ct);
        if (run.Intent.Kind == DeploymentKind.Stop)
        {
            await environments.SetStoppedAsync(run.Environment, run.Intent.Services.Count == 0, ct);
            await receipts.CloseAsync(run, null, ct);
            await run.Log.WriteAsync("deploy", "wherry", "stopped");
            return;
        }

        await environments.SetCurrentAsync(run.Environment, run.Wanted!.Number, ct);
        foreach (var address in await addresses.OfAsync(run.Wanted.Model, ct))
        {
            await run.Log.WriteAsync("deploy", "wherry", $"live at {address}");
        }

        run.Watch.Notes.Kept = await pruning.PruneAsync(run, ct);
        var receipt = await receipts.CloseAsync(run, null, ct);
        await run.Log.WriteAsync("deploy", "wherry", $"r{run.Wanted.Number} is live{ReceiptWriter.Short(receipt, Noticed(run, receipt))}");
    }

    /// <summary>Says that nobody noticed it only where that is known.</summary>
    private static string Noticed(DeploymentRun run, Client.Receipt receipt) =>
        run.Interruptions.Count > 0 ? $", {string.Join(", ", run.Interruptions)}"
        : run is { TakenUp: false, Current: not null } && receipt.Traffic is { Failed: 0 } && run.State.Plan.Steps.Any(s => s is Step.SwitchTraffic { Numbers.Count: > 0 }) ? ", without interruption"
        : "";
}
