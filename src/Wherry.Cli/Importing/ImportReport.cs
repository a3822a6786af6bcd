using System.Text.Json.Serialization;
using Wherry.Cli.Frame;
using Wherry.Cli.Output;
using Wherry.Compose.Importing;
using Wherry.Core.Model;

namespace Wherry.Cli.Importing;

/// <summary>What an import made, what it needs and what it lost. Values are never in it.</summary>
/// <param name="Folder">Where it was written; empty when it was not.</param>
/// <param name="Project">The project on the server; <see langword="null"/> when none was asked for.</param>
internal sealed record ImportReport(string Name, string Slogan, string Folder, string? Project, IReadOnlyList<string> Services, IReadOnlyList<ImportReportInput> Inputs, IReadOnlyList<string> Lost)
{
    public static ImportReport Of(ImportedProject project, ProjectModel model, ImportValues values, IReadOnlyDictionary<string, string?> there) => new(
        project.Name,
        project.About.Slogan ?? "",
        "",
        null,
        [.. model.Services.Keys.Select(s => s.Value)],
        [.. project.Inputs.Select(i => new ImportReportInput(i.Name, State(i, values, there), i.Purpose, i.Default, i.Secret))],
        [.. project.Lost.Select(l => l.ToString())]);

    public void Print(Call call) => call.Print(this, ImportJson.Default.ImportReport, Write);

    private void Write(TextWriter output)
    {
        output.WriteLine(Slogan.Length > 0 ? $"{Name}: {Slogan}" : Name);
        output.WriteLine($"{Services.Count} {(Services.Count == 1 ? "service" : "services")}: {string.Join(", ", Services)}");
        var table = new Table("INPUT", "VALUE", "FOR");
        foreach (var input in Inputs)
        {
            table.Add(input.Name, input.State == "default" ? Shown(input.Default ?? "") : input.State, input.Purpose);
        }

        table.Write(output);
        foreach (var lost in Lost)
        {
            output.WriteLine($"lost: {lost}");
        }

        if (Folder.Length > 0)
        {
            WriteNext(output);
        }
    }

    private void WriteNext(TextWriter output)
    {
        var missing = Inputs.Where(i => i.State == "to give").Select(i => i.Name).ToList();
        if (missing.Count > 0)
        {
            output.WriteLine(Project is { } project
                ? $"to give: wherry env set --no-deploy -p {project} {string.Join(' ', missing.Select(m => $"{m}=…"))}"
                : $"to give in {Folder}/.env: {string.Join(", ", missing)}");
        }

        output.WriteLine($"next: wherry deploy {Folder}{(Project is { } name ? $" -p {name}" : "")}");
    }

    private static string State(ImportInput input, ImportValues values, IReadOnlyDictionary<string, string?> there) =>
        values.Missing.Contains(input) ? "to give"
        : values.New.ContainsKey(input.Name) ? input.Shape is not null ? "made" : "given"
        : there.ContainsKey(input.Name) ? "kept"
        : "default";

    private static string Shown(string value) => value.Length == 0 ? "(empty)" : value.Length <= 40 ? value.ReplaceLineEndings(" ") : value[..39].ReplaceLineEndings(" ") + "…";
}

/// <param name="State"><c>given</c>, <c>made</c>, <c>kept</c> from before, <c>default</c> or <c>to give</c>.</param>
internal sealed record ImportReportInput(string Name, string State, string Purpose, string? Default, bool Secret);

/// <summary>The report as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ImportReport))]
internal sealed partial class ImportJson : JsonSerializerContext;
