using System.Globalization;
using Wherry.Core.Model;
using Wherry.Core.Planning;
using Wherry.Core.Problems;
using Wherry.Core.Routing;

namespace Wherry.Core.Deployments;

/// <summary>Holds a release that has a share of the visitors against its guard, by the edge's own numbers.</summary>
public static class CanaryWatch
{
    private const string Errors = "deployment/canary-errors";
    private const string Slow = "deployment/canary-slow";
    private const string Restarts = "deployment/canary-restarts";

    /// <summary>Whether a guard found it, and not a person or the gate.</summary>
    public static bool IsFromGuard(Problem problem) => problem.Code is Errors or Slow or Restarts;

    private const string TakenAway = "It is taken away, and the release before serves everybody. Mend it and deploy again";

    /// <summary>What ends the trial; <see langword="null"/>: it may go on.</summary>
    public static Problem? Ends(Deployment d, Seen seen) => d.Stage == Stage.Undoing ? null : d.Plan.Rollouts
        .Where(r => r.Guard is not null && HasShare(d, r.Service))
        .Select(r => Restarted(d, seen, r.Service, r.Guard!) ?? (seen.World.Sides.GetValueOrDefault(r.Service) is { } sides ? Worse(r.Service, r.Guard!, sides) : null))
        .FirstOrDefault(p => p is not null);

    /// <summary>Restarts that the guard allows are nobody's business but its own.</summary>
    internal static Seen Forgiving(Seen seen, CanaryGuard? guard) => guard?.Restarts is not { } most ? seen : seen with
    {
        Health = [.. seen.Health.Select(h => h.Restarts <= most ? h with { Restarts = 0 } : h)],
    };

    private static bool HasShare(Deployment d, ServiceName service) => d.Plan.Steps.Take(d.Done).OfType<Step.SwitchTraffic>().LastOrDefault(s => s.Service == service)?.Share is not null;

    private static Problem? Worse(ServiceName service, CanaryGuard guard, SplitTraffic sides)
    {
        var (now, before) = (sides.Shared, sides.Others);
        if (now.Requests < guard.Requests)
        {
            return null;
        }

        // Until the old release has been asked as often, nobody knows whether it is better.
        var known = before.Requests >= guard.Requests;
        if (now.FailedShare > guard.Errors && (!known || now.FailedShare > before.FailedShare))
        {
            return new Problem(
                Errors,
                string.Create(CultureInfo.InvariantCulture, $"The new release of {service} answered {now.FailedShare:0.##} % of {now.Requests} requests with 5xx; its guard allows {guard.Errors:0.##} %{(known ? $", and the release before had {before.FailedShare:0.##} %" : "")}."),
                $"{TakenAway}; the limit is x-wherry.canary.guard.errors.");
        }

        return now.P95 > guard.P95 && (!known || now.P95 > before.P95)
            ? new Problem(
                Slow,
                $"The new release of {service} took {Milliseconds(now.P95)} for the fastest 95 % of {now.Requests} requests; its guard allows {Milliseconds(guard.P95.Value)}{(known ? $", and the release before took {Milliseconds(before.P95)}" : "")}.",
                $"{TakenAway}; the limit is x-wherry.canary.guard.p95.")
            : null;
    }

    private static Problem? Restarted(Deployment d, Seen seen, ServiceName service, CanaryGuard guard) =>
        d.Present is Step.AwaitPromotion step && step.Service == service && seen.Health.FirstOrDefault(h => h.Restarts > guard.Restarts) is { } bad
            ? new Problem(Restarts, $"{service}-{bad.Number} was started again {bad.Restarts} times; its guard allows {guard.Restarts}.", $"`wherry logs {service}` shows what it wrote. {TakenAway}; the limit is x-wherry.canary.guard.restarts.")
            : null;

    private static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0} ms");
}
