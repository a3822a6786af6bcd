using System.CommandLine;
using Wherry.Cli.Frame;
using Wherry.Cli.Output;
using Wherry.Client;

namespace Wherry.Cli.Deployments;

/// <summary><c>wherry deployments list|pause|resume</c>.</summary>
internal static class DeploymentsCommand
{
    public static Command Build(Verbs verbs) => Verbs.Group(
        new Verb("deployments", "Lists the deployments of an environment; pauses one and lets it go on", "wherry deployments", "wherry deployments pause", "wherry deployments resume d19f8c2a51b3e4f6a7"),
        BuildList(verbs),
        [
            Build(verbs, "pause", "Lets a deployment place nothing more for now; what it started stays", (client, id, ct) => client.PauseDeploymentAsync(id, ct)),
            Build(verbs, "resume", "Lets a paused deployment go on", (client, id, ct) => client.ResumeDeploymentAsync(id, ct)),
        ]);

    private static Command BuildList(Verbs verbs) => verbs.On(new Verb("list", "Lists the last deployments, newest first"), async (call, ct) =>
    {
        var deployments = await call.Client.DeploymentsAsync(await call.ProjectAsync(ct), call.Environment, ct);
        call.Print(deployments, ClientJson.Default.IReadOnlyListDeployment, o => Write(o, deployments, call.World.Time.GetUtcNow()));
        return Exit.Ok;
    });

    private static Command Build(Verbs verbs, string name, string does, Func<WherryClient, string, CancellationToken, Task<Deployment>> act)
    {
        var named = DeploymentChoice.Argument();
        return verbs.On(new Verb(name, does, $"wherry deployments {name}") { named }, async (call, ct) =>
        {
            var deployment = await act(call.Client, await DeploymentChoice.IdAsync(call, named, ct), ct);
            call.Print(deployment, ClientJson.Default.Deployment, o => o.WriteLine($"{deployment.Id} {(deployment.PausedBy is null ? "goes on" : "is paused")}"));
            return Exit.Ok;
        });
    }

    internal static void Write(TextWriter output, IReadOnlyList<Deployment> deployments, DateTimeOffset now)
    {
        if (deployments.Count == 0)
        {
            output.WriteLine("no deployment yet");
            return;
        }

        var table = new Table("DEPLOYMENT", "KIND", "RELEASE", "QUEUED", "STATE");
        foreach (var deployment in deployments)
        {
            table.Add(deployment.Id, deployment.Kind, deployment.Release is { } release ? $"{release}" : "-", Ago.Of(deployment.QueuedAt, now), State(deployment));
        }

        table.Write(output);
    }

    private static string State(Deployment deployment) => deployment switch
    {
        { Outcome: { } outcome, Problem: { } problem } => $"{outcome.ToString().ToLowerInvariant()} ({problem.Code})",
        { Outcome: { } outcome } => outcome.ToString().ToLowerInvariant(),
        { PausedBy: { } by } => $"paused by {by}",
        { StartedAt: null } => "waits",
        _ => deployment.Stage.ToString().ToLowerInvariant(),
    };
}
