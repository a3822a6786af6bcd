using System.CommandLine;
using Wherry.Cli.Deployments;
using Wherry.Cli.Frame;
using Wherry.Client;

namespace Wherry.Cli.Services;

/// <summary><c>wherry stop</c>, <c>start</c> and <c>restart</c>: without building anything.</summary>
internal static class StopStartCommands
{
    public static Command BuildStop(Verbs verbs) =>
        Build(verbs, new Verb("stop", "Stops services; what is stopped stays stopped until it is started", "wherry stop", "wherry stop worker"), (client, project, environment, request, ct) => client.StopAsync(project, environment, request, ct));

    public static Command BuildStart(Verbs verbs) =>
        Build(verbs, new Verb("start", "Starts what was stopped, without building", "wherry start", "wherry start worker"), (client, project, environment, request, ct) => client.StartAsync(project, environment, request, ct));

    public static Command BuildRestart(Verbs verbs) =>
        Build(verbs, new Verb("restart", "Replaces every replica by a new one of the same release, without dropping a request", "wherry restart", "wherry restart web"), (client, project, environment, request, ct) => client.RestartAsync(project, environment, request, ct));

    private static Command Build(Verbs verbs, Verb verb, Func<WherryClient, string, string, ServicesRequest, CancellationToken, Task<Deployment>> ask)
    {
        var services = ServicesArgument();
        verb.Add(services);
        return verbs.On(verb, async (call, ct) =>
        {
            var project = await call.ProjectAsync(ct);
            var deployment = await ask(call.Client, project, call.Environment, new ServicesRequest(Named(call, services)), ct);
            return await DeploymentWatch.FollowAsync(call, deployment, ct);
        });
    }

    public static Argument<string[]> ServicesArgument() => new("service") { Description = "Services (default: all of the environment)", Arity = ArgumentArity.ZeroOrMore };

    /// <summary>The services that were named; <see langword="null"/> for all.</summary>
    public static IReadOnlyList<string>? Named(Call call, Argument<string[]> services) => call.Get(services) is { Length: > 0 } named ? named : null;
}
