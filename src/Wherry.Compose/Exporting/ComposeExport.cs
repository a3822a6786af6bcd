using System.Text;
using Wherry.Compose.Writing;
using Wherry.Core.Model;

namespace Wherry.Compose.Exporting;

/// <summary>A plain Compose project: what <c>docker compose</c> runs, and what Wherry reads again.</summary>
public static class ComposeExport
{
    public static Exported Of(ProjectModel model, ExportWish wish)
    {
        var document = ComposeWriter.Describe(model with { Name = model.Name ?? ProjectName.Parse(wish.Name) });
        var losses = LossesOf(model);
        List<ExportedFile> files =
        [
            new("compose.yaml", Encoding.UTF8.GetBytes(YamlText.Write(document.Tree, ExportHead.Lines("compose", wish, losses, document.Variables)))),
            .. document.Files.Select(f => new ExportedFile(f.Key, f.Value)),
        ];
        if (document.Variables.Count > 0)
        {
            files.Add(EnvText.File(document.Variables, wish));
        }

        return new(files, losses, document.Variables);
    }

    private static IReadOnlyList<string> LossesOf(ProjectModel model)
    {
        var losses = new Losses();
        foreach (var spec in model.Services.Values)
        {
            if (spec.Build is { } build)
            {
                losses.Add(spec, spec.Source is { } source
                    ? $"is built from {source.Url}, which docker compose does not fetch; build its image yourself and write image:"
                    : $"is built from {(build.Context == SourcePath.Root ? "the source's root" : build.Context.Value)}; put this file into the source, or write image: with a name that can be pulled");
            }

            losses.AddWherry(spec);
        }

        return losses.All;
    }
}
