using Wherry.Cli.Frame;
using Wherry.Client;
using Wherry.Compose;
using Wherry.Compose.Importing;
using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Cli.Importing;

/// <summary>What happens to an imported project: it is written to a folder, and made on the server when it is named.</summary>
internal sealed class ImportRun(Call call, ImportOptions options)
{
    /// <summary>Writes one project where it was wished.</summary>
    public Task<Exit> WriteAsync(ImportedProject project, CancellationToken ct) =>
        WriteAsync(project, new ImportFolder(Path.GetFullPath(options.Output(call) ?? project.Name, call.World.Folder)), ct);

    /// <summary>Shows a project that is not written.</summary>
    public static void Show(Call call, ImportedProject project)
    {
        var none = new Dictionary<string, string?>();
        var values = ImportValues.Of(project.Inputs, project.Values, none, null, call.World.Time.GetUtcNow());
        var model = Check(project, values, none, new ComposeInput { Text = project.ComposeText, Files = InMemoryFiles.Of(project.Files.Select(f => (f.Key, f.Value))) });
        ImportReport.Of(project, model, values, none).Print(call);
    }

    /// <summary>Writes one of several projects: each gets a folder of its own.</summary>
    public Task<Exit> WriteBelowAsync(ImportedProject project, CancellationToken ct) =>
        WriteAsync(project, new ImportFolder(Path.GetFullPath(Path.Combine(options.Output(call) ?? ".", project.Name), call.World.Folder)), ct);

    /// <summary>Leaves a project in the folder where it is.</summary>
    /// <param name="folder">As it was named.</param>
    public async Task<Exit> StayAsync(ImportedProject project, ISourceFiles files, string folder, CancellationToken ct)
    {
        var there = ImportFolder.Values(files.ReadText(".env")).ToDictionary(v => v.Key, v => (string?)v.Value);
        foreach (var (variable, value) in call.NamedProject is { } name ? await InEnvironmentAsync(name, ct) : [])
        {
            there[variable] = value;
        }

        var values = Values(project, there);
        var names = ComposeFiles.Find(files, new Dictionary<string, string>());
        var model = Check(project, values, there, new ComposeInput { Text = project.ComposeText, FileName = names[0], Overrides = [.. names.Skip(1)], Files = files });
        if (call.NamedProject is { } wanted)
        {
            await MakeAsync(wanted, project, values, ct);
        }

        (ImportReport.Of(project, model, values, there) with { Folder = folder, Project = call.NamedProject }).Print(call);
        return Exit.Ok;
    }

    private async Task<Exit> WriteAsync(ImportedProject project, ImportFolder folder, CancellationToken ct)
    {
        folder.Check(project, options.Force(call));
        var there = call.NamedProject is { } name ? await InEnvironmentAsync(name, ct) : folder.Values().ToDictionary(v => v.Key, v => (string?)v.Value);
        var values = Values(project, there);
        var model = await CheckOrWriteAsync(project, values, there, folder, ct);
        await folder.WriteAsync(project, call.NamedProject is null ? values : null, ct);
        if (call.NamedProject is { } wanted)
        {
            await MakeAsync(wanted, project, values, ct);
        }

        (ImportReport.Of(project, model, values, there) with { Folder = Path.GetRelativePath(call.World.Folder, folder.Path), Project = call.NamedProject }).Print(call);
        return Exit.Ok;
    }

    /// <summary>What Wherry refuses is not written, unless somebody wants to mend it by hand.</summary>
    private async Task<ProjectModel> CheckOrWriteAsync(ImportedProject project, ImportValues values, IReadOnlyDictionary<string, string?> there, ImportFolder folder, CancellationToken ct)
    {
        try
        {
            return Check(project, values, there, new ComposeInput { Text = project.ComposeText, Files = InMemoryFiles.Of(project.Files.Select(f => (f.Key, f.Value))) });
        }
        catch (ProblemException e)
        {
            if (options.Force(call))
            {
                await folder.WriteAsync(project, null, ct);
                call.Note($"written to {folder.Path} as it is");
            }

            throw (e.Problem with { Message = $"{project.Name} becomes a file that is refused: {e.Problem.Message}", Hint = $"{e.Problem.Hint} With --force the file is written nevertheless, to be mended." }).AsException(e);
        }
    }

    private ImportValues Values(ImportedProject project, IReadOnlyDictionary<string, string?> there) =>
        ImportValues.Of(project.Inputs, Given(project, there), there, options.Domain(call), call.World.Time.GetUtcNow());

    /// <summary>What was given here goes over what the imported file held; what is there already stays.</summary>
    private Dictionary<string, string> Given(ImportedProject project, IReadOnlyDictionary<string, string?> there)
    {
        var given = project.Values.Where(v => !there.ContainsKey(v.Key)).ToDictionary(StringComparer.Ordinal);
        foreach (var (name, value) in options.Given(call))
        {
            given[name] = value;
        }

        return given;
    }

    /// <summary>Reads the result before anything is written: what Wherry cannot do is said now.</summary>
    private static ProjectModel Check(ImportedProject project, ImportValues values, IReadOnlyDictionary<string, string?> there, ComposeInput input)
    {
        var variables = new Dictionary<string, string>(values.New, StringComparer.Ordinal);
        foreach (var wanted in project.Inputs.Where(i => !variables.ContainsKey(i.Name) && (i.Required || there.ContainsKey(i.Name))))
        {
            variables[wanted.Name] = there.GetValueOrDefault(wanted.Name) ?? (wanted.Kind is InputKind.Host ? "host.example.com" : "1"); // stands for a value that comes later
        }

        return ComposeReader.Read(input with { Variables = variables }).Model;
    }

    private async Task<Dictionary<string, string?>> InEnvironmentAsync(string project, CancellationToken ct)
    {
        try
        {
            var variables = await call.Client.VariablesAsync(project, call.Environment, ct);
            return variables.Where(v => v.Service is null).ToDictionary(v => v.Name, v => v.Value);
        }
        catch (ApiException e) when (e.Problem.Code == "project/not-found")
        {
            return [];
        }
    }

    /// <summary>The project, and its values as variables and secrets: nothing of them is in a file.</summary>
    private async Task MakeAsync(string name, ImportedProject project, ImportValues values, CancellationToken ct)
    {
        try
        {
            await call.Client.CreateProjectAsync(new CreateProject(name), ct);
            call.Note($"project {name} created");
        }
        catch (ApiException e) when (e.Problem.Code == "project/exists")
        {
            call.Note($"project {name} is there already");
        }

        foreach (var secret in new[] { false, true })
        {
            var set = project.Inputs.Where(i => i.Secret == secret && values.New.ContainsKey(i.Name)).ToDictionary(i => i.Name, i => values.New[i.Name]);
            if (set.Count > 0)
            {
                await call.Client.ChangeVariablesAsync(name, call.Environment, new ChangeVariables(set, [], null, secret, Deploy: false), ct);
                call.Note($"{set.Count} {(secret ? "secrets" : "variables")} set in {name}/{call.Environment}");
            }
        }
    }
}
