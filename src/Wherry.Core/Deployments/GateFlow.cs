using System.Globalization;
using Wherry.Core.Health;
using Wherry.Core.Model;
using Wherry.Core.Planning;
using Wherry.Core.Problems;

namespace Wherry.Core.Deployments;

/// <summary>What comes next while a deployment waits for the health of replicas, or for a person.</summary>
public static class GateFlow
{
    /// <summary>Nobody waits for a person for ever.</summary>
    public static readonly TimeSpan PromotionDeadline = TimeSpan.FromHours(24);

    /// <summary>Code of a deployment that waited for a person when a newer one came.</summary>
    public const string Superseded = "deployment/superseded";

    private const int Replacements = 3;

    /// <summary>Passes, waits, leaves out what may be left out, or gives up.</summary>
    /// <remarks>Only a replica that this deployment started can fail it; one that was there before is left out while others are well.</remarks>
    public static Step AtGate(Deployment d, Step step, Seen seen, DateTimeOffset now)
    {
        if (CanaryWatch.Ends(d, seen) is { } worse)
        {
            return new Step.Revert(worse);
        }

        var service = step.About()!;
        var verdicts = step.Awaited().Select(n => new Judged(n, Judge(n, seen, now))).ToList();
        var failed = verdicts.Where(v => v.Verdict is Verdict.Fail).ToList();
        var spared = failed.Where(f => verdicts.Count > failed.Count && !d.Starts(service, f.Number) || GoesOn(d, step, f.Number)).ToList();
        if (failed.Except(spared).FirstOrDefault() is { } fatal)
        {
            return DeployFlow.GiveUp(d, seen.World, step, ProblemOf(service, fatal));
        }

        if (verdicts.FirstOrDefault(v => v.Verdict is Verdict.Wait) is { } waiting)
        {
            return Wait(d, step, waiting, seen, now);
        }

        if (spared.Count == 0)
        {
            return step;
        }

        return spared.Count == verdicts.Count && !Proved(d, service)
            ? DeployFlow.GiveUp(d, seen.World, step, ProblemOf(service, spared[0]))
            : new Step.LeaveOut(service, [.. spared.Select(s => s.Number)], ProblemOf(service, spared[0]));
    }

    /// <summary>Canaries serve until a person promotes them, or all have been well for long enough.</summary>
    public static Step AtPromotion(Deployment d, Step.AwaitPromotion step, Seen seen, DateTimeOffset now)
    {
        if (seen.NewerWaits && !d.Promoted)
        {
            return new Step.Revert(new Problem("deployment/superseded", "A newer deployment took the place of this one, which waited for its promotion.", "Nothing to do: its canaries are taken away, and the newer one goes on."));
        }

        if (CanaryWatch.Ends(d, seen) is { } worse)
        {
            return new Step.Revert(worse);
        }

        if (Lost(d, step, seen) is { Count: > 0 } lost)
        {
            return new Step.ReplaceCanaries(step.Service, lost);
        }

        // One that was well for an hour is not too late the moment that a check fails.
        var rollout = d.Plan.RolloutOf(step.Service);
        var forgiven = CanaryWatch.Forgiving(seen, rollout.Guard);
        var patient = forgiven with { Health = [.. forgiven.Health.Select(h => h with { AwaitedSince = h.LastHealthy ?? h.AwaitedSince })] };
        var verdicts = step.Numbers.Select(n => new Judged(n, Judge(n, patient, now))).ToList();
        var failed = verdicts.FirstOrDefault(v => v.Verdict is Verdict.Fail);
        if (failed is not null && rollout.OnFailure != FailureAction.Continue)
        {
            return DeployFlow.GiveUp(d, seen.World, step, ProblemOf(step.Service, failed));
        }

        if (verdicts.All(v => v.Verdict is Verdict.Pass) && MayGoOn(d, step, rollout, now))
        {
            return step;
        }

        return now - d.StepSince >= PromotionDeadline + (step.Stage?.Stage.For ?? TimeSpan.Zero)
            ? DeployFlow.GiveUp(d, seen.World, step, new Problem("deployment/not-promoted", $"Nobody promoted the canaries of {step.Service} within {PromotionDeadline.TotalHours} h.", "Deploy again, and promote them in time with `wherry promote`, or set `auto_promote: true`."))
            : new Step.Wait(TimeSpan.FromSeconds(1), Unwell(step, seen, verdicts) ?? (d.Promoted || rollout.AutoPromote ? $"{step.Service}'s canaries must stay healthy" : $"`wherry promote {d.Id}` lets it go on"));
    }

    /// <summary>Promoted, wholly or to the next stage; or the time of its stage is over; or nobody needs to.</summary>
    private static bool MayGoOn(Deployment d, Step.AwaitPromotion step, Rollout rollout, DateTimeOffset now) =>
        d.Promoted || d.PromotedStep == d.Done || (step.Stage?.Stage.For is { } time ? now - d.StepSince + d.WaitedBefore >= time : rollout.AutoPromote);

    /// <summary>Why the canaries of this step may not be promoted; <see langword="null"/> when they may.</summary>
    public static string? WhyNotPromoted(Step.AwaitPromotion step, Seen seen)
    {
        var bad = step.Numbers.Where(n => seen.Gate is not { } gate || seen.Health.FirstOrDefault(h => h.Number == n) is not { ExitCode: null } health || !gate.Passed(health, health.LastHealthy ?? health.StartedAt)).ToList();
        return bad.Count == 0 ? null : $"{string.Join(", ", bad.Select(n => $"{step.Service}-{n}"))} {(bad.Count == 1 ? "is" : "are")} not healthy";
    }

    private static string? Unwell(Step.AwaitPromotion step, Seen seen, List<Judged> verdicts) =>
        verdicts.FirstOrDefault(v => v.Verdict is not Verdict.Pass) is { } bad ? WhyNotPromoted(step, seen) ?? $"{step.Service}-{bad.Number}: {(bad.Verdict as Verdict.Wait)?.For}" : null;

    /// <summary>Waits while something gets better; not for ever.</summary>
    private static Step Wait(Deployment d, Step step, Judged waiting, Seen seen, DateTimeOffset now)
    {
        var what = ((Verdict.Wait)waiting.Verdict).For;
        var rollout = d.Plan.RolloutOf(step.About()!);
        var progress = seen.Health.Select(h => h.FirstHealthy ?? d.StepSince).Append(d.StepSince).Max();
        return now - progress < rollout.ProgressDeadline
            ? new Step.Wait(TimeSpan.FromMilliseconds(100), $"{rollout.Service}-{waiting.Number}: {what}")
            : DeployFlow.GiveUp(d, seen.World, step, new Problem("health/no-progress", string.Create(CultureInfo.InvariantCulture, $"No new replica of {rollout.Service} became healthy for {rollout.ProgressDeadline.TotalSeconds:0.#} s ({rollout.Service}-{waiting.Number}: {what})."), $"`wherry logs {rollout.Service}` shows what it wrote. Mend the cause, or raise `x-wherry.deploy.progress_deadline`, and deploy again."));
    }

    /// <summary>Gone from the engine: nobody stopped them and they did not exit. Not again and again.</summary>
    private static List<int> Lost(Deployment d, Step.AwaitPromotion step, Seen seen) => [.. step.Numbers.Where(n =>
        seen.Gate is not null && seen.Health.All(h => h.Number != n)
        && d.Plan.Steps.Take(d.Done).OfType<Step.StartReplicas>().Count(s => s.Service == step.Service && s.Numbers.Contains(n)) <= Replacements)];

    /// <summary>Its owner said that one of several may fail. The first batch proves the image: one of it must be well.</summary>
    private static bool GoesOn(Deployment d, Step step, int number) =>
        d.Stage != Stage.Undoing && d.Plan.RolloutOf(step.About()!).OnFailure == FailureAction.Continue && d.Starts(step.About()!, number);

    /// <summary>A replica that this deployment started has been found well.</summary>
    private static bool Proved(Deployment d, ServiceName service) =>
        d.Plan.Steps.Take(d.Done).OfType<Step.AwaitHealthy>().Any(g => g.Service == service && g.Numbers.Any(n => d.Starts(service, n)));

    private static Problem ProblemOf(ServiceName service, Judged judged)
    {
        var (code, reason) = (Verdict.Fail)judged.Verdict;
        return new Problem(code, $"{service}-{judged.Number} {reason}.", $"`wherry logs {service}` shows what it wrote. Mend the cause and deploy again; what served before serves on.");
    }

    private static Verdict Judge(int number, Seen seen, DateTimeOffset now) =>
        seen.Health.FirstOrDefault(h => h.Number == number) is { } health && seen.Gate is { } gate
            ? gate.Judge(health, now)
            : new Verdict.Fail("health/gone", "disappeared while it was starting");

    private sealed record Judged(int Number, Verdict Verdict);
}
