using System.CommandLine;
using Wherry.Cli.Frame;
using Wherry.Compose;
using Wherry.Compose.Exporting;
using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Cli.Export;

/// <summary>What is exported, and where to.</summary>
internal sealed class ExportOptions
{
    private readonly Option<string?> _file = new("--file", "-f") { Description = "Export this Compose file, without a server (default: what the environment runs)", HelpName = "FILE" };
    private readonly Option<string?> _output = new("--output", "-o") { Description = "Write files into this folder (default: print them)", HelpName = "FOLDER" };
    private readonly Option<bool> _force = new("--force") { Description = "With --output: overwrite files that are there" };
    private readonly Option<string[]> _profiles = new("--profile") { Description = "With --file: profile to activate; may be repeated", HelpName = "NAME" };
    private readonly Option<bool> _withSecrets = new("--with-secrets") { Description = "With --file: write values of secrets too. A server never tells them" };
    private readonly Option<string?> _registry = new("--registry") { Description = "Where images that are built here will be pushed: registry.example.com/shop", HelpName = "PREFIX" };

    public void AddTo(Command command)
    {
        foreach (var option in (IEnumerable<Option>)[_file, _output, _force, _profiles, _withSecrets, _registry])
        {
            command.Add(option);
        }

        command.Validators.Add(result =>
        {
            if (result.GetValue(_file) is null && (result.GetValue(_withSecrets) || result.GetResult(_profiles) is { Implicit: false }))
            {
                result.AddError("--with-secrets and --profile belong to --file: a server tells no secret, and its environment has its own profiles.");
            }
        });
    }

    /// <summary>The folder to write to, absolute; <see langword="null"/>: print.</summary>
    public string? Folder(Call call) => call.Get(_output) is { } folder ? Path.GetFullPath(folder, call.World.Folder) : null;

    public bool Force(Call call) => call.Get(_force);

    public async Task<(ProjectModel Model, ExportWish Wish)> ReadAsync(Call call, CancellationToken ct) =>
        call.Get(_file) is { } file ? await OfFileAsync(call, Path.GetFullPath(file, call.World.Folder), ct) : await OfServerAsync(call, ct);

    private async Task<(ProjectModel, ExportWish)> OfFileAsync(Call call, string path, CancellationToken ct)
    {
        if (!File.Exists(path))
        {
            throw new Problem("cli/file", $"There is no file {path}.", "Give the path of a Compose file: `wherry export compose --file compose.yaml`.").AsException();
        }

        var input = new ComposeInput
        {
            Text = await File.ReadAllTextAsync(path, ct),
            FileName = Path.GetFileName(path),
            Files = new DirectoryFiles(Path.GetDirectoryName(path)!),
            Variables = call.World.Variables(),
            Profiles = call.Get(_profiles) ?? [],
        };
        var (model, secrets) = LocalModel.Read(input);
        var name = call.NamedProject ?? model.Name?.Value ?? (await ProjectGuess.OfFolderAsync(Path.GetDirectoryName(path)!, ct)).Name;
        return (model, Wish(call, name, Path.GetFileName(path)) with { Secrets = call.Get(_withSecrets) ? secrets : null });
    }

    private async Task<(ProjectModel, ExportWish)> OfServerAsync(Call call, CancellationToken ct)
    {
        var project = await call.ProjectAsync(ct);
        var told = await call.Client.ComposeModelAsync(project, call.Environment, ct);
        var model = ComposeReader.Read(new()
        {
            Text = told.Compose,
            Files = new InMemoryFiles(told.Files),
            Variables = told.Secrets.ToDictionary(s => s, SecretMark.Of),
            Profiles = ["*"],
        }).Model;
        return (model, Wish(call, project, $"{project} ({call.Environment}) r{told.Release}"));
    }

    private ExportWish Wish(Call call, string name, string origin) => new() { Name = name, Origin = origin, Registry = call.Get(_registry)?.TrimEnd('/') };
}
