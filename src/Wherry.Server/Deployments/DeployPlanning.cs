using Wherry.Core.Deployments;
using Wherry.Core.Model;
using Wherry.Core.Planning;
using Wherry.Core.Reconcile;
using Wherry.Server.Environments;
using Wherry.Server.Pools;
using Wherry.Server.Preflight;

namespace Wherry.Server.Deployments;

/// <summary>Gives the planner what it asks for, and the deployment its plan.</summary>
internal sealed class DeployPlanning(WorldObserver observer, ReleaseStore releases, EnvironmentStore environments, PreflightCheck preflight, WorkPools pools)
{
    public PreflightCheck Preflight => preflight;

    public async Task PlanAsync(DeploymentRun run, CancellationToken ct)
    {
        // What somebody does by hand to get out of trouble waits for nobody.
        if (run.Intent.Kind is DeploymentKind.Deploy or DeploymentKind.Env)
        {
            run.Seat ??= await pools.Deployments.EnterAsync(run.Environment.ToString(), line => run.Log.WriteAsync("deploy", "wherry", line), ct);
        }

        run.Current = await ScaledAsync(run.Environment, await releases.FindCurrentAsync(run.Environment, ct), ct);
        run.Wanted = await ScaledAsync(run.Environment, run.Wanted, ct);
        if (run.Intent.Kind != DeploymentKind.Stop)
        {
            await preflight.CheckAsync(run, run.Wanted!.Model, ct);
        }

        var seen = await observer.ObserveAsync(run.Environment, run.Wanted!.Model, run.Held, ct);
        var plan = run.Intent.Heal is { } order ? await HealAsync(run, seen, order, ct) : Make(run, seen);
        foreach (var change in plan.Changes.Where(c => c.Kind != ChangeKind.None))
        {
            await run.Log.WriteAsync("plan", "wherry", $"{change.Service}: {change.Kind.ToString().ToLowerInvariant()} ({change.Why})");
        }

        foreach (var note in plan.Notes)
        {
            await run.Log.WriteAsync("plan", "wherry", note);
        }

        foreach (var orphan in plan.Orphans)
        {
            await run.Log.WriteAsync("plan", "wherry", $"{orphan} runs but is not in the model; remove it with --remove-orphans");
        }

        if (plan.Steps.Count == 0)
        {
            await run.Log.WriteAsync("plan", "wherry", "nothing to change");
        }

        run.State = run.State with { Plan = plan, Done = 0 };
    }

    public async Task ReloadAsync(DeploymentRun run, int release, CancellationToken ct)
    {
        run.Current = await ScaledAsync(run.Environment, await releases.FindCurrentAsync(run.Environment, ct), ct);
        run.Wanted = await ScaledAsync(run.Environment, await releases.GetAsync(run.Environment, release, ct), ct);
    }

    /// <summary>What a deployment of <paramref name="wanted"/> would do now.</summary>
    public async Task<Plan> PreviewAsync(EnvironmentRef environment, Release wanted, Client.DeployRequest request, CancellationToken ct)
    {
        var current = await ScaledAsync(environment, await releases.FindCurrentAsync(environment, ct), ct);
        var scaled = await ScaledAsync(environment, wanted, ct);
        return Planner.Make(new PlanInput { Current = current, Wanted = scaled!, Seen = await observer.ObserveAsync(environment, wanted.Model, new HashSet<ServiceName>(), ct), RemoveOrphans = request.RemoveOrphans, Trial = TrialOf(request) });
    }

    /// <summary>The way back from here to the current release, behind the steps done so far.</summary>
    public async Task<Deployment> UndoAsync(DeploymentRun run, CancellationToken ct)
    {
        var back = run.Current ?? new Release(0, new ProjectModel { Services = new Dictionary<ServiceName, ServiceSpec>() });
        var seen = await observer.ObserveAsync(run.Environment, back.Model, run.TakenUp ? null : run.Held, ct); // what the process before held, only the edge knows
        var undo = run.State.Plan.Steps.Count == 0 || run.Wanted is null
            ? Plan.Empty
            : Planner.MakeUndo(run.Current, run.Wanted, seen);
        var failedAt = Math.Min(run.State.Done + 1, run.State.Plan.Steps.Count);
        return run.State with { Plan = run.State.Plan with { Steps = [.. run.State.Plan.Steps.Take(failedAt), .. undo.Steps] }, Done = failedAt };
    }

    /// <summary>What was stopped since the order was given stays so.</summary>
    private async Task<Plan> HealAsync(DeploymentRun run, Observed seen, HealOrder order, CancellationToken ct) => await environments.IsStoppedAsync(run.Environment, ct)
        ? Plan.Empty
        : HealPlans.Make(new PlanInput { Current = run.Current, Wanted = run.Wanted!, Seen = seen, Canaries = false }, order.Without(await environments.StoppedServicesAsync(run.Environment, ct)));

    private static Plan Make(DeploymentRun run, Observed seen)
    {
        var services = run.Intent.Services.Select(ServiceName.Parse).ToHashSet();
        var input = new PlanInput { Current = run.Current, Wanted = run.Wanted!, Seen = seen, RemoveOrphans = run.Intent.Request.RemoveOrphans, Canaries = run.Intent.Kind != DeploymentKind.Rollback, Trial = TrialOf(run.Intent.Request) };
        return run.Intent.Kind switch
        {
            DeploymentKind.Stop => PowerPlans.Stop(run.Wanted!.Model, seen, services),
            DeploymentKind.Start => PowerPlans.Start(input, services),
            DeploymentKind.Restart => Planner.Make(input with { Restart = services.Count > 0 ? services : [.. run.Wanted!.Model.Services.Keys] }),
            _ => Planner.Make(input),
        };
    }

    private static Trial? TrialOf(Client.DeployRequest request) => request.Canary is { } asked ? new Trial(asked.Share) : null;

    private async Task<Release?> ScaledAsync(EnvironmentRef environment, Release? release, CancellationToken ct)
    {
        var scale = await environments.ScaleAsync(environment, ct);
        return release is null || scale.Count == 0 ? release : release with
        {
            Model = release.Model with { Services = release.Model.Services.ToDictionary(s => s.Key, s => scale.TryGetValue(s.Key, out var count) ? s.Value with { Replicas = count } : s.Value) },
        };
    }
}
