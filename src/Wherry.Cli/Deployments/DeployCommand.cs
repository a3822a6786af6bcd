using System.CommandLine;
using Wherry.Cli.Frame;
using Wherry.Client;

namespace Wherry.Cli.Deployments;

/// <summary><c>wherry deploy</c>: a folder, an image or a remote repository becomes the next release.</summary>
internal static class DeployCommand
{
    public static Command Build(Verbs verbs)
    {
        var source = new SourceOptions();
        var detach = new Option<bool>("--detach", "-d") { Description = "Print the deployment's id and do not wait" };
        var message = new Option<string?>("--message", "-m") { Description = "Shown in the release history", HelpName = "TEXT" };
        var plan = new Option<string?>("--plan") { Description = "Deploy only if everything is as it was when `wherry plan` printed this hash", HelpName = "HASH" };
        var noCreate = new Option<bool>("--no-create") { Description = "Refuse when the project does not exist yet" };
        var verb = new Verb("deploy", "Deploys a folder, an image or a remote Git repository", "wherry deploy                                      # this folder, as it is", "wherry deploy --image nginx:1.27 --port 80 --host site.localhost", "wherry deploy --git https://example.com/team/shop.git --ref v1.4", "wherry deploy -p shop -e staging --message \"new checkout\"")
        {
            detach, message, noCreate, plan,
        };
        source.AddTo(verb);
        return verbs.On(verb, async (call, ct) =>
        {
            var request = source.Request(call) with { Message = call.Get(message), Plan = call.Get(plan) };
            var project = await source.ProjectAsync(call, ct);
            var deployment = await WithProjectAsync(call, project, call.Get(noCreate), async () =>
                await call.Client.DeployAsync(project, call.Environment, await source.WithUploadAsync(call, project, request, ct), ct), ct);
            if (!call.Get(detach))
            {
                return await DeploymentWatch.FollowAsync(call, deployment, ct);
            }

            call.Print(deployment, ClientJson.Default.Deployment, o => o.WriteLine(deployment.Id));
            return Exit.Ok;
        });
    }

    /// <summary>Deploys, and when there is no project yet makes it and deploys again; so a token that may not make projects can deploy to one.</summary>
    private static async Task<Deployment> WithProjectAsync(Call call, string project, bool refuse, Func<Task<Deployment>> deploy, CancellationToken ct)
    {
        try
        {
            return await deploy();
        }
        catch (ApiException e) when (e.Problem.Code == "project/not-found" && !refuse)
        {
            await call.Client.CreateProjectAsync(new CreateProject(project), ct);
            call.Note($"project {project} created");
            return await deploy();
        }
    }
}
