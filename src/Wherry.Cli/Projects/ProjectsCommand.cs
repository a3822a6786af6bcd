using System.CommandLine;
using Wherry.Cli.Frame;
using Wherry.Cli.Output;
using Wherry.Client;

namespace Wherry.Cli.Projects;

/// <summary><c>wherry projects list|create|remove</c>.</summary>
internal static class ProjectsCommand
{
    public static Command Build(Verbs verbs) => Verbs.Group(
        new Verb("projects", "Lists, makes and removes projects", "wherry projects list", "wherry projects create shop", "wherry projects remove shop --volumes"),
        BuildList(verbs),
        [BuildCreate(verbs), BuildRemove(verbs)]);

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

    internal static void Write(TextWriter output, IReadOnlyList<Project> projects, DateTimeOffset now)
    {
        if (projects.Count == 0)
        {
            output.WriteLine("no project yet: `wherry deploy` in a folder makes one");
            return;
        }

        var table = new Table("PROJECT", "CREATED", "ENVIRONMENTS");
        foreach (var project in projects)
        {
            table.Add(project.Name, Ago.Of(project.CreatedAt, now), string.Join(", ", project.Environments));
        }

        table.Write(output);
    }
}
