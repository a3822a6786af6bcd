using Wherry.Cli.Output;
using Wherry.Client;

namespace Wherry.Cli.Status;

/// <summary>The screen of <c>wherry status</c>.</summary>
internal sealed class StatusView(Client.Status status, DateTimeOffset now, bool colour)
{
    public void Write(TextWriter output)
    {
        var engine = status.Server.Engine is { } version ? $"Docker Engine {version}" : Paint.Red("the Docker Engine does not answer", colour);
        output.WriteLine($"server  {status.Server.Version}{(status.ApiAddress is { } api ? $" on {api}" : "")}, {engine}");
        output.WriteLine(status.EdgeAnswers ? $"edge    listens on {string.Join(", ", status.EdgeAddresses)}" : $"edge    {Paint.Red("does not answer", colour)}: `wherry doctor` says how to mend it");
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
        if (shown.Deployment is { Problem: { } problem, Outcome: DeploymentOutcome.Failed })
        {
            output.WriteLine($"  {Paint.Red(problem.Message, colour)} ({problem.Code})");
        }

        var table = new Table("", "", "", "");
        foreach (var service in shown.Services)
        {
            table.Add(service.Name, State(service), $"{service.Replicas.Count(r => r.State == "running")}/{service.Wanted}", string.Join(" ", service.Routes));
        }

        table.Write(output, "  ");
    }

    private string Last(Deployment last) => last.Outcome switch
    {
        null => Paint.Yellow($"{last.Kind} {last.Stage.ToString().ToLowerInvariant()}", colour),
        DeploymentOutcome.Succeeded => $"{last.Kind} {Ago.Of(last.FinishedAt, now)}",
        DeploymentOutcome.Superseded => $"{last.Kind} superseded {Ago.Of(last.FinishedAt, now)}",
        _ => Paint.Red($"{last.Kind} failed {Ago.Of(last.FinishedAt, now)}", colour),
    };

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
