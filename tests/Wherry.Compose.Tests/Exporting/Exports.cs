using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Wherry.Compose.Exporting;
using Wherry.Compose.Yaml;
using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Compose.Tests.Exporting;

/// <summary>Models to export, and exports to look into.</summary>
internal static class Exports
{
    public static ExportWish Wish { get; } = new() { Name = "shop", Origin = "compose.yaml" };

    /// <summary>All models that tests export: the annotated example, the one with everything, and every file of the corpora that is read.</summary>
    public static IReadOnlyList<(string Name, ProjectModel Model)> Models() => All.Value;

    private static readonly Lazy<IReadOnlyList<(string, ProjectModel)>> All = new(() => [.. ReadAll()]);

    private static IEnumerable<(string Name, ProjectModel Model)> ReadAll()
    {
        yield return ("example", Read(File.ReadAllText(Path.Combine(Here(), "../../../docs/wherry.example.yml"))));
        yield return ("everything", Everything());
        foreach (var file in CorpusTests.AwesomeCompose.Concat(CorpusTests.Coolify).Select(row => row.Data))
        {
            if (TryRead(CorpusTests.Input(file)) is { } model)
            {
                yield return (file, model);
            }
        }
    }

    public static ProjectModel Everything() => Read(File.ReadAllText(Path.Combine(Here(), "../Writing/everything.yaml")));

    public static ProjectModel Read(string text) =>
        LocalModel.Read(A.Input(text, A.Vars(("KEY", "k"), ("DB_PASSWORD", "hunter2")), ("errors/503.html", "x"), ("blob.bin", "x")) with { Profiles = ["*"] }).Model;

    public static string Text(this Exported exported, string path) => Encoding.UTF8.GetString(exported.Files.Single(f => f.Path == path).Content);

    public static YamlMap Parse(string text) => YamlTree.Parse(text, "x.yaml", new SpecErrors("x.yaml"));

    /// <summary>The documents of a file.</summary>
    public static List<YamlMap> Documents(this Exported exported, string path) => [.. exported.Text(path).Split("\n---\n").Select(Parse)];

    /// <summary>A value below a node: <c>spec.template.spec.containers.0.image</c>.</summary>
    public static YamlNode? At(this YamlNode node, string path) => path.Split('/').Aggregate((YamlNode?)node, (at, key) => at switch
    {
        YamlMap map => map.Find(key)?.Value,
        YamlList list when int.TryParse(key, out var index) => list.Items.ElementAtOrDefault(index),
        _ => null,
    });

    public static string? TextAt(this YamlNode node, string path) => (node.At(path) as YamlScalar)?.Text;

    /// <summary>A schema of <c>../shared/schemas</c>, seen from the repository or from a folder above it.</summary>
    public static string SharedSchema(string path)
    {
        for (var folder = Here(); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var found = Path.Combine(folder, "shared", "schemas", path);
            if (File.Exists(found))
            {
                return found;
            }
        }

        throw new FileNotFoundException($"shared/schemas/{path} stands in no folder above the repository");
    }

    public static JsonElement Json(string path) => JsonDocument.Parse(File.ReadAllText(path)).RootElement;

    public static string Here([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;

    private static ProjectModel? TryRead(ComposeInput input)
    {
        try
        {
            return LocalModel.Read(input).Model;
        }
        catch (ProblemException)
        {
            return null; // what is refused cannot be exported
        }
    }
}
