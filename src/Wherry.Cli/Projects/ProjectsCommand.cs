using System.CommandLine;
using Wherry.Cli.Frame;
using Wherry.Cli.Output;
using Wherry.Client;
using Wherry.Core.Model;

namespace Wherry.Cli.Projects;

/// <summary><c>wherry projects list|create|remove|allow|forbid</c>.</summary>
internal static class ProjectsCommand
{
    public static Command Build(Verbs verbs) => Verbs.Group(
        new Verb("projects", "Lists, makes and removes projects", "wherry projects list", "wherry projects create shop", "wherry projects remove shop --volumes", "wherry projects allow shop host-files"),
        BuildList(verbs),
        [BuildCreate(verbs), BuildRemove(verbs), BuildAllow(verbs), BuildForbid(verbs)]);

    private static Command BuildList(Verbs verbs) => verbs.On(new Verb("list", "Lists projects and their environments"), async (call, ct) =>
    {
        var projects = await call.Client.ProjectsAsync(ct);
        call.Print(projects, ClientJson.Default.IReadOnlyListProject, o => Write(o, projects, call.World.Time.GetUtcNow()));
        return Exit.Ok;
    });

    private static Command BuildCreate(Verbs verbs)
    {
        var name = new Argument<string>("name") { Description = "Name of the project" };
        return verbs.On(new Verb("create", "Makes a project with the environment `production`", "wherry projects create shop") { name }, async (call, ct) =>
        {
            var project = await call.Client.CreateProjectAsync(new CreateProject(call.Get(name)!), ct);
            call.Print(project, ClientJson.Default.Project, o => o.WriteLine(project.Name));
            return Exit.Ok;
        });
    }

    private static Command BuildRemove(Verbs verbs)
    {
        var name = new Argument<string>("name") { Description = "Name of the project" };
        var volumes = new Option<bool>("--volumes") { Description = "Remove its volumes too: the data is gone" };
        return verbs.On(new Verb("remove", "Removes a project with its environments, containers, networks, images and repository", "wherry projects remove shop") { name, volumes }, async (call, ct) =>
        {
            await call.Client.RemoveProjectAsync(call.Get(name)!, call.Get(volumes), ct);
            call.Note($"project {call.Get(name)} removed{(call.Get(volumes) ? " with its volumes" : "; its volumes are kept")}");
            return Exit.Ok;
        });
    }

    private static Command BuildAllow(Verbs verbs)
    {
        var (name, capability) = Who();
        return verbs.On(new Verb("allow", "Lets services of a project reach out of their containers", "wherry projects allow shop host-files") { name, capability }, async (call, ct) =>
        {
            await call.Client.AllowAsync(call.Get(name)!, call.Get(capability)!, ct);
            call.Note($"{call.Get(name)} may use {call.Get(capability)} from its next deployment on");
            return Exit.Ok;
        });
    }

    private static Command BuildForbid(Verbs verbs)
    {
        var (name, capability) = Who();
        return verbs.On(new Verb("forbid", "Takes that away again", "wherry projects forbid shop host-files") { name, capability }, async (call, ct) =>
        {
            await call.Client.ForbidAsync(call.Get(name)!, call.Get(capability)!, ct);
            call.Note($"{call.Get(name)} may not use {call.Get(capability)} any more; what runs goes on until its next deployment");
            return Exit.Ok;
        });
    }

    private static (Argument<string> Name, Argument<string> Capability) Who() => (
        new("name") { Description = "Name of the project" },
        new("capability") { Description = $"What its services may do: {string.Join(", ", Capability.All)}" });

    internal static void Write(TextWriter output, IReadOnlyList<Project> projects, DateTimeOffset now)
    {
        if (projects.Count == 0)
        {
            output.WriteLine("no project yet: `wherry deploy` in a folder makes one");
            return;
        }

        var table = new Table("PROJECT", "CREATED", "ENVIRONMENTS", "ALLOWED");
        foreach (var project in projects)
        {
            table.Add(project.Name, Ago.Of(project.CreatedAt, now), string.Join(", ", project.Environments), string.Join(", ", project.Allowed));
        }

        table.Write(output);
    }
}
