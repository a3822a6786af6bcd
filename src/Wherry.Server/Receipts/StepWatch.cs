using System.Diagnostics;
using System.Text.Json;
using Wherry.Client;
using Wherry.Core.Deployments;
using Wherry.Core.Planning;
using Wherry.Core.Problems;
using Wherry.Server.Deployments;
using Wherry.Server.Metrics;
using Deployment = Wherry.Core.Deployments.Deployment;

namespace Wherry.Server.Receipts;

/// <summary>Watches a deployment step by step: a span of its trace, a measurement and a line of its receipt for each.</summary>
/// <remarks>Spans hang on the flow of the worker's loop, so <see cref="Begin"/> and <see cref="End"/> are called by the loop itself.</remarks>
internal sealed class StepWatch(TimeProvider time) : IDisposable
{
    private readonly long _start = time.GetTimestamp();
    private Activity? _whole;
    private Activity? _span;
    private Step? _present;
    private long _since;

    public RunNotes Notes { get; set; } = new();

    /// <summary>Opens the trace. Nothing around it is its parent: a deployment is a trace of its own.</summary>
    public void Open(Deployment state, string environment, string actor)
    {
        Activity.Current = null;
        _whole = ServerMeter.Traces.StartActivity("deployment");
        _whole?.SetTag("wherry.deployment", state.Id).SetTag("wherry.deployment.kind", Word(state.Kind)).SetTag("wherry.environment", environment).SetTag("wherry.actor", actor);
    }

    /// <summary>Puts steps that an earlier process ended among the notes, as the journal has them.</summary>
    public void Remember(Plan plan, IReadOnlyList<StepRow> known) => Notes.Steps.AddRange(
        from row in known
        where row.Position < plan.Steps.Count && row.FinishedAt is not null
        select Line(plan.Steps[(int)row.Position], row.State, TimeSpan.FromMilliseconds(Math.Max(0, row.FinishedAt!.Value - (row.StartedAt ?? row.FinishedAt.Value))), null));

    /// <summary>What the deployment is at now; the same step may take many turns.</summary>
    public void Begin(Deployment state)
    {
        if (_present is not null)
        {
            return;
        }

        _present = StepOf(state);
        _since = time.GetTimestamp();
        _span = ServerMeter.Traces.StartActivity($"step {KindOf(_present)}");
        _span?.SetTag("wherry.step", KindOf(_present)).SetTag("wherry.step.text", _present.Describe()).SetTag("wherry.service", _present.About()?.Value);
    }

    /// <summary>What was done, and where the deployment is after it.</summary>
    public void End(Deployment before, Step step, Deployment after)
    {
        if (_present is null || (before.Stage == after.Stage && before.Done == after.Done && step is not (Step.Abandon or Step.Revert)))
        {
            return;
        }

        var problem = ProblemOf(step);
        var outcome = step is Step.Skip ? "skipped" : problem is not null && _present is not Step.Finish ? "failed" : "done";
        var took = time.GetElapsedTime(_since);
        ServerMeter.StepDuration.Record(took.TotalSeconds, new("step", KindOf(_present)), new("outcome", outcome));
        if (_present is not Step.Finish)
        {
            Notes.Steps.Add(Line(_present, outcome, took, problem));
        }

        Close(_span, outcome, problem);
        (_present, _span) = (null, null);
        if (after.Stage == Stage.Finished)
        {
            Ended(after);
        }
    }

    /// <summary>The step that the deployment breaks off in: it is not among the notes yet when the receipt is written.</summary>
    public IEnumerable<ReceiptStep> Unfinished(Problem? problem) => _present is null or Step.Finish ? [] : [Line(_present, "failed", time.GetElapsedTime(_since), problem)];

    public void Dispose()
    {
        _span?.Dispose();
        _whole?.Dispose();
    }

    /// <summary>A step's name in metrics, traces and receipts: that of the plan's JSON.</summary>
    internal static string KindOf(Step step) => JsonNamingPolicy.KebabCaseLower.ConvertName(step.GetType().Name);

    private void Ended(Deployment after)
    {
        var outcome = after.Problem is null ? "succeeded" : "failed";
        ServerMeter.Deployments.Add(1, new("kind", Word(after.Kind)), new("outcome", outcome));
        ServerMeter.DeploymentDuration.Record(time.GetElapsedTime(_start).TotalSeconds, new("kind", Word(after.Kind)), new("outcome", outcome));
        Close(_whole, outcome, after.Problem);
        _whole = null;
    }

    private static Step StepOf(Deployment state) => state.Stage switch
    {
        Stage.Queued => new Step.Prepare(),
        Stage.Prepared => new Step.CutRelease(),
        Stage.Cut => new Step.MakePlan(),
        _ => state.Present ?? new Step.Finish(null),
    };

    private static Problem? ProblemOf(Step step) => step switch
    {
        Step.Skip s => s.Problem,
        Step.Abandon s => s.Problem,
        Step.Revert s => s.Problem,
        Step.Finish s => s.Problem,
        _ => null,
    };

    private static ReceiptStep Line(Step step, string outcome, TimeSpan took, Problem? problem) =>
        new(step.Describe(), KindOf(step), step.About()?.Value, outcome, Math.Round(took.TotalSeconds, 3), problem?.Code);

    private static void Close(Activity? span, string outcome, Problem? problem)
    {
        span?.SetTag("wherry.outcome", outcome).SetTag("wherry.problem", problem?.Code).SetStatus(problem is null ? ActivityStatusCode.Ok : ActivityStatusCode.Error, problem?.Code);
        span?.Dispose();
    }

    private static string Word(DeploymentKind kind) => kind.ToString().ToLowerInvariant();
}
