using Wherry.Server.Access;
using Wherry.Server.Environments;
using Wherry.Server.Receipts;
using Wherry.Server.Store;

namespace Wherry.Server.Deployments;

/// <summary>Takes deployments in and shows them.</summary>
internal sealed class DeploymentIntake(DeploymentLanes lanes, DeploymentStore deployments, EnvironmentStore environments, ReleaseStore releases, AddressBook addresses, ReceiptStore receipts)
{
    public async Task<Client.Deployment> QueueAsync(EnvironmentRef environment, Caller caller, DeployIntent intent, CancellationToken ct) =>
        await ShowAsync(caller.Team, await lanes.EnqueueAsync(environment, caller.Actor, intent, null, ct), ct);

    public async Task<Client.Deployment> ShowAsync(TeamId team, string id, CancellationToken ct)
    {
        var row = await deployments.GetAsync(team, id, ct);
        var environment = await environments.GetAsync(team, row.Project, row.Environment, ct);
        IReadOnlyList<string> found = row is { Outcome: "Succeeded", Release: { } release } ? await addresses.OfAsync((await releases.GetAsync(environment, (int)release, ct)).Model, ct) : [];
        return row.ToContract(await deployments.StepsAsync(team, id, ct), found, await receipts.FindAsync(team, id, ct)) with { Notes = deployments.Intent(row).Notes };
    }
}
