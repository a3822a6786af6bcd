using System.CommandLine;
using Wherry.Cli.Frame;
using Wherry.Compose.Exporting;
using Wherry.Compose.Exporting.Kubernetes;
using Wherry.Core.Model;

namespace Wherry.Cli.Export;

/// <summary><c>wherry export FORMAT</c>: what an environment runs, or a Compose file describes, for other tools.</summary>
internal static class ExportCommand
{
    public static Command Build(Verbs verbs)
    {
        var verb = new Verb("export", "Writes what an environment runs, or a Compose file describes, for other tools", "wherry export compose -p shop", "wherry export compose --file compose.yaml --output exported");
        foreach (var (name, description, write) in Formats)
        {
            verb.Add(Format(verbs, name, description, write));
        }

        return verb;
    }

    private static IReadOnlyList<(string Name, string Description, Func<ProjectModel, ExportWish, Exported> Write)> Formats { get; } =
    [
        ("compose", "As a plain Compose project, which docker compose runs and Wherry reads again", ComposeExport.Of),
        ("kubernetes", "As Kubernetes manifests for a namespace of its own", KubernetesExport.Of),
    ];

    private static Verb Format(Verbs verbs, string name, string description, Func<ProjectModel, ExportWish, Exported> write)
    {
        var options = new ExportOptions();
        var verb = new Verb(name, description, $"wherry export {name} -p shop", $"wherry export {name} --file compose.yaml --output exported");
        options.AddTo(verb);
        verbs.On(verb, async (call, ct) =>
        {
            var (model, wish) = await options.ReadAsync(call, ct);
            var exported = write(model, wish);
            if (options.Folder(call) is { } folder)
            {
                await ExportOutput.WriteAsync(call, exported, folder, options.Force(call), ct);
            }
            else
            {
                ExportOutput.Print(call, exported);
            }

            ExportOutput.Report(call, exported);
            return Exit.Ok;
        });
        return verb;
    }
}
