using Wherry.Core.Model;
using Wherry.Core.Planning;
using Wherry.Core.Problems;

namespace Wherry.Server.Deployments;

/// <summary>The longest time of each step: nothing waits for ever, whatever engine or edge do.</summary>
internal static class StepLimits
{
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(10);

    /// <param name="step">What is done.</param>
    /// <param name="spec">The step's service, when it has one.</param>
    public static TimeSpan Of(Step step, ServiceSpec? spec) => step switch
    {
        Step.Prepare => TimeSpan.FromHours(1),
        Step.CutRelease => TimeSpan.FromHours(12), // builds have limits of their own
        Step.RunRelease or Step.RunToCompletion => TimeSpan.FromMinutes(30) + Slack, // has a limit of its own
        Step.SwitchTraffic or Step.RemoveRoutes when spec is not null => (spec.Health?.Deadline ?? new HealthSpec().Deadline) + spec.Deploy.Drain + Slack,
        Step.StopReplicas or Step.RemoveReplicas when spec is not null => (spec.StopGrace ?? TimeSpan.Zero) + Slack,
        Step.Wait or Step.Finish => TimeSpan.FromHours(1),
        _ => Slack,
    };

    /// <exception cref="ProblemException"><c>deployment/step-timeout</c>.</exception>
    public static async Task WithinAsync(Step step, ServiceSpec? spec, Func<CancellationToken, Task> act, TimeProvider time, CancellationToken ct)
    {
        var most = Of(step, spec);
        using var limit = new CancellationTokenSource(most, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            await act(both.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new Problem("deployment/step-timeout", $"\"{step.Describe()}\" did not end within {most.TotalMinutes:0} min.", "The engine or the edge hangs: `wherry doctor` says more. Deploy again when they answer.").AsException();
        }
    }
}
