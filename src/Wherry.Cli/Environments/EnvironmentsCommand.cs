using System.CommandLine;
using Wherry.Cli.Frame;
using Wherry.Cli.Output;
using Wherry.Client;

namespace Wherry.Cli.Environments;

/// <summary><c>wherry environments list|create|remove</c>.</summary>
internal static class EnvironmentsCommand
{
    public static Command Build(Verbs verbs) => Verbs.Group(
        new Verb("environments", "Lists, makes and removes environments of a project", "wherry environments list", "wherry environments create staging --branch develop", "wherry environments remove staging --volumes"),
        BuildList(verbs),
        [BuildCreate(verbs), BuildRemove(verbs)]);

    private static Command BuildList(Verbs verbs) => verbs.On(new Verb("list", "Lists the environments of a project"), async (call, ct) =>
    {
        var environments = await call.Client.EnvironmentsAsync(await call.ProjectAsync(ct), ct);
        call.Print(environments, ClientJson.Default.IReadOnlyListProjectEnvironment, o => Write(o, environments));
        return Exit.Ok;
    });

    private static Command BuildCreate(Verbs verbs)
    {
        var name = new Argument<string>("name") { Description = "Name of the environment" };
        var branch = new Option<string?>("--branch") { Description = "A push to this branch deploys here (default: the environment's name)", HelpName = "BRANCH" };
        return verbs.On(new Verb("create", "Makes an environment", "wherry environments create staging --branch develop") { name, branch }, async (call, ct) =>
        {
            var environment = await call.Client.CreateEnvironmentAsync(await call.ProjectAsync(ct), new CreateEnvironment(call.Get(name)!, call.Get(branch)), ct);
            call.Print(environment, ClientJson.Default.ProjectEnvironment, o => o.WriteLine(environment.Name));
            return Exit.Ok;
        });
    }

    private static Command BuildRemove(Verbs verbs)
    {
        var name = new Argument<string>("name") { Description = "Name of the environment" };
        var volumes = new Option<bool>("--volumes") { Description = "Remove its volumes too: the data is gone" };
        return verbs.On(new Verb("remove", "Removes an environment with its containers, networks and releases", "wherry environments remove staging") { name, volumes }, async (call, ct) =>
        {
            await call.Client.RemoveEnvironmentAsync(await call.ProjectAsync(ct), call.Get(name)!, call.Get(volumes), ct);
            call.Note($"environment {call.Get(name)} removed{(call.Get(volumes) ? " with its volumes" : "; its volumes are kept")}");
            return Exit.Ok;
        });
    }

    internal static void Write(TextWriter output, IReadOnlyList<ProjectEnvironment> environments)
    {
        var table = new Table("ENVIRONMENT", "BRANCH", "RELEASE", "STATE");
        foreach (var environment in environments)
        {
            table.Add(environment.Name, environment.Branch ?? "-", environment.CurrentRelease is { } release ? $"{release}" : "-", environment.Stopped ? "stopped" : environment.CurrentRelease is null ? "new" : "running");
        }

        table.Write(output);
    }
}
