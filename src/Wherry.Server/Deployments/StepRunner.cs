using System.Diagnostics;
using Wherry.Core.Deployments;
using Wherry.Core.Model;
using Wherry.Core.Planning;

namespace Wherry.Server.Deployments;

/// <summary>Does what a step says. Every arm may be run again: what is done already counts as done.</summary>
internal sealed class StepRunner(Preparation preparation, DeployPlanning planning, ReplicaDriver replicas, TrafficSwitch traffic, Completion completion, TimeProvider time)
{
    public Task RunAsync(DeploymentRun run, Step step, CancellationToken ct) =>
        StepLimits.WithinAsync(step, step.About() is { } service ? run.FindSpec(service) : null, limited => ActAsync(run, step, limited), time, ct);

    private Task ActAsync(DeploymentRun run, Step step, CancellationToken ct) => step switch
    {
        Step.Prepare => planning.Preflight.AroundAsync(run, () => preparation.PrepareAsync(run, ct), ct),
        Step.CutRelease => planning.Preflight.NameDiskAsync(() => preparation.CutAsync(run, ct), ct),
        Step.MakePlan => planning.PlanAsync(run, ct),
        Step.EnsureNetwork s => replicas.EnsureNetworkAsync(run, s.Network, ct),
        Step.EnsureVolume s => replicas.EnsureVolumeAsync(run, s.Volume, ct),
        Step.RunRelease s => replicas.RunReleaseAsync(run, Spec(run, s.Service), ct),
        Step.RunToCompletion s => replicas.RunToCompletionAsync(run, Spec(run, s.Service), s.Number, ct),
        Step.StartReplicas s => replicas.StartAsync(run, Spec(run, s.Service), s.Numbers, ct),
        Step.WakeReplicas s => replicas.WakeAsync(run, s.Service, s.Numbers, ct),
        Step.AwaitHealthy or Step.Monitor or Step.AwaitPromotion or Step.LeaveOut => Task.CompletedTask,
        Step.ReplaceCanaries s => replicas.RemoveAsync(run, s.Service, s.Numbers, TimeSpan.Zero, ct),
        Step.HoldTraffic s => traffic.HoldAsync(run, s.Service, ct),
        Step.ReleaseTraffic s => traffic.ReleaseAsync(run, s.Service, ct),
        Step.SwitchTraffic s => traffic.SwitchAsync(run, run.FindSpec(s.Service), s, ct),
        Step.RemoveRoutes s => traffic.RemoveAsync(run, s.Service, ct),
        Step.StopReplicas s => replicas.StopAsync(run, s.Service, s.Numbers, Grace(run, s.Service), ct),
        Step.RemoveReplicas s => replicas.RemoveAsync(run, s.Service, s.Numbers, Grace(run, s.Service), ct),
        Step.Wait s => WaitAsync(run, s.For, ct),
        Step.Abandon s => run.State.CancelledBy is null ? run.Log.WriteAsync(s.Problem) : Task.CompletedTask,
        Step.Revert s => run.State.CancelledBy is null ? run.Log.WriteAsync(s.Problem) : Task.CompletedTask,
        Step.Skip => Task.CompletedTask,
        Step.Finish s => completion.FinishAsync(run, s.Problem, ct),
        _ => throw new UnreachableException(),
    };

    /// <summary>Begins to look at the health of the replicas that the step waits for.</summary>
    public Task<PresentGate> OpenGateAsync(DeploymentRun run, Step step, CancellationToken ct) =>
        replicas.OpenGateAsync(run, Spec(run, step.About()!), step, step.Awaited(), ct);

    public Task<Deployment> PlanUndoAsync(DeploymentRun run, CancellationToken ct) => PatientlyAsync(() => planning.UndoAsync(run, ct), ct);

    /// <summary>Loads the releases of a deployment that an earlier process planned.</summary>
    public async Task ReloadAsync(DeploymentRun run, int release, CancellationToken ct)
    {
        await preparation.MaskAsync(run, ct);
        await planning.ReloadAsync(run, release, ct);
    }

    public static TimeSpan DrainOf(DeploymentRun run, Step step) => step switch
    {
        Step.StopReplicas s => run.FindSpec(s.Service)?.Deploy.Drain ?? TimeSpan.Zero,
        Step.RemoveReplicas s => run.FindSpec(s.Service)?.Deploy.Drain ?? TimeSpan.Zero,
        _ => TimeSpan.Zero,
    };

    /// <summary>Asks again for up to a minute while engine or edge do not answer.</summary>
    public Task<T> PatientlyAsync<T>(Func<Task<T>> ask, CancellationToken ct) => Patience.AskAsync(ask, TimeSpan.FromMinutes(1), time, ct);

    private async Task WaitAsync(DeploymentRun run, TimeSpan atMost, CancellationToken ct)
    {
        var pause = Task.Delay(atMost, time, ct);
        await Task.WhenAny(run.Gate is { EdgeDecided.IsCompleted: false } gate ? [pause, gate.EdgeDecided] : [pause]);
        ct.ThrowIfCancellationRequested();
    }

    private static ServiceSpec Spec(DeploymentRun run, ServiceName service) => run.FindSpec(service) ?? throw new UnreachableException($"{service} is in no release");

    /// <summary>Default grace of the engine and of Compose.</summary>
    private static TimeSpan Grace(DeploymentRun run, ServiceName service) => run.FindSpec(service)?.StopGrace ?? TimeSpan.FromSeconds(10);
}
