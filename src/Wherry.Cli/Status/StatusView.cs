using System.Globalization;
using Wherry.Cli.Output;
using Wherry.Client;

namespace Wherry.Cli.Status;

/// <summary>The screen of <c>wherry status</c>.</summary>
internal sealed class StatusView(Client.Status status, DateTimeOffset now, bool colour)
{
    private const int EvidenceShown = 5;

    public void Write(TextWriter output)
    {
        var engine = status.Server.Engine is { } version ? $"Docker Engine {version}" : Paint.Red("the Docker Engine does not answer", colour);
        output.WriteLine($"server  {status.Server.Version}{(status.ApiAddress is { } api ? $" on {api}" : "")}, {engine}");
        output.WriteLine(status.EdgeAnswers ? $"edge    listens on {string.Join(", ", status.EdgeAddresses)}{(status.EdgeTlsAddresses is { Count: > 0 } tls ? $"; for TLS on {string.Join(", ", tls)}" : "")}" : $"edge    {Paint.Red("does not answer", colour)}: `wherry doctor` says how to mend it");
        if (status.Environments.Count == 0)
        {
            output.WriteLine();
            output.WriteLine("no project yet: `wherry deploy` in a folder makes one");
        }

        foreach (var environment in status.Environments)
        {
            output.WriteLine();
            Write(output, environment);
        }
    }

    private void Write(TextWriter output, EnvironmentStatus shown)
    {
        var environment = shown.Environment;
        var release = environment switch
        {
            { CurrentRelease: null } => "nothing deployed yet",
            { Stopped: true } => $"release {environment.CurrentRelease}, stopped",
            _ => $"release {environment.CurrentRelease}",
        };
        output.WriteLine($"{Paint.Bold($"{environment.Project}/{environment.Name}", colour)}  {release}{(shown.Deployment is { } last ? $", {Last(last)}" : "")}");
        if (shown.Deployment is { Problem: { } problem, Outcome: DeploymentOutcome.Failed } failed)
        {
            Write(output, problem, failed.Id);
        }

        if (environment.Lock is { } held)
        {
            var what = held.Scope == LockScope.Pushes ? "pushes are held back" : "locked";
            output.WriteLine($"  {Paint.Yellow($"{what} by {held.Holder} {Ago.Of(held.Since, now)}", colour)}{(held.Message is { } message ? $": {message}" : "")}");
        }

        var table = new Table("", "", "", "");
        foreach (var service in shown.Services)
        {
            table.Add(service.Name, State(service), $"{service.Replicas.Count(r => r.State == "running")}/{service.Wanted}", string.Join(" ", service.Routes));
        }

        table.Write(output, "  ");
    }

    /// <summary>The evidence begins with what tells most and ends with the log, which has a place of its own.</summary>
    private void Write(TextWriter output, ApiProblem problem, string id)
    {
        output.WriteLine($"  {Paint.Red(problem.Message, colour)} ({problem.Code})");
        foreach (var line in problem.Evidence.Take(EvidenceShown))
        {
            output.WriteLine($"    {line}");
        }

        if (problem.Evidence.Count > EvidenceShown)
        {
            output.WriteLine($"    … {problem.Evidence.Count - EvidenceShown} more lines: `wherry logs --deployment {id}`");
        }

        output.WriteLine($"    → {problem.Hint}");
    }

    private string Last(Deployment last) => last.Outcome switch
    {
        null when last.PausedBy is { } by => Paint.Yellow($"{last.Kind} paused by {by}", colour),
        null => Paint.Yellow($"{last.Kind} {last.Stage.ToString().ToLowerInvariant()}", colour) + Present(last),
        DeploymentOutcome.Succeeded => $"{last.Kind} {Ago.Of(last.FinishedAt, now)}",
        DeploymentOutcome.Superseded => $"{last.Kind} superseded {Ago.Of(last.FinishedAt, now)}",
        DeploymentOutcome.Cancelled => $"{last.Kind} cancelled {Ago.Of(last.FinishedAt, now)}",
        _ => Paint.Red($"{last.Kind} failed {Ago.Of(last.FinishedAt, now)}", colour),
    };

    /// <summary>What it does or waits for just now; while it is undone, no step of its plan is.</summary>
    private string Present(Deployment last) => last.Canary is { } trial
        ? string.Create(CultureInfo.InvariantCulture, $": {(trial.Mirrored ? "copies for " : "")}{trial.Share:0.##} % of {trial.Service}'s visitors, stage {trial.Stage} of {trial.Stages}{(trial.Until is { } until ? $", {Ago.Took(until > now ? until - now : TimeSpan.Zero)} left" : "")}; `wherry promote` or `wherry abort`")
        : last.Stage is DeploymentStage.Starting or DeploymentStage.Switched && last.Steps.FirstOrDefault(s => s.State is "running" or "planned") is { } step
            ? $": {step.Text}{(step.Text.StartsWith("wait for the promotion", StringComparison.Ordinal) ? ", with `wherry promote`" : "")}"
            : "";

    // Padded here, not by the table: colours have no width.
    private string State(Service service)
    {
        var text = service.State.PadRight(8);
        return service.State switch
        {
            "running" => Paint.Green(text, colour),
            "degraded" or "crash-looping" => Paint.Red(text, colour),
            _ => Paint.Yellow(text, colour),
        };
    }
}
