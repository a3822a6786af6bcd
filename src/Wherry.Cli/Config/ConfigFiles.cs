using System.CommandLine;
using Wherry.Cli.Frame;
using Wherry.Cli.Variables;
using Wherry.Compose;
using Wherry.Compose.Interpolation;
using Wherry.Core.Problems;

namespace Wherry.Cli.Config;

/// <summary>Which files of this machine are read, and with which variables.</summary>
internal sealed class ConfigFiles
{
    private readonly Argument<string?> _folder = new("folder") { Description = "Folder of the project (default: the current one)", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string[]> _files = new("--file", "-f") { Description = "Compose file below the folder; may be repeated, later files are merged over earlier ones (default: compose.yaml and compose.override.yaml)", HelpName = "FILE" };
    private readonly Option<string[]> _envFiles = new("--env-file") { Description = "File of variables in the place of .env; may be repeated, the last one counts", HelpName = "FILE" };
    private readonly Option<string[]> _profiles = new("--profile") { Description = "Profile to activate; may be repeated", HelpName = "NAME" };

    public void AddTo(Command command)
    {
        command.Add(_folder);
        command.Add(_files);
        command.Add(_envFiles);
        command.Add(_profiles);
    }

    /// <exception cref="ProblemException"><c>cli/no-folder</c>, <c>cli/file</c>, <c>compose/file-missing</c>.</exception>
    public async Task<ComposeInput> ReadAsync(Call call, CancellationToken ct)
    {
        var folder = Path.GetFullPath(call.Get(_folder) ?? ".", call.World.Folder);
        if (!Directory.Exists(folder))
        {
            throw new Problem("cli/no-folder", $"There is no folder {folder}.", "Give the folder that holds your Compose file.").AsException();
        }

        var files = new DirectoryFiles(folder);
        var variables = call.World.Variables();
        var envFiles = call.Get(_envFiles) is { Length: > 0 } given ? await TextsAsync(call, given, ct) : null;
        var names = call.Get(_files) is { Length: > 0 } named ? ComposeFiles.Named(files, named) : ComposeFiles.Find(files, variables, envFiles);
        return names.Count > 0
            ? new() { Text = files.ReadText(names[0])!, FileName = names[0], Overrides = [.. names.Skip(1)], Files = files, Variables = variables, EnvFiles = envFiles, Profiles = call.Get(_profiles) ?? [] }
            : throw new Problem("compose/file-missing", $"The folder {folder} has no Compose file.", $"Name it with -f, or add one of {string.Join(", ", ComposeReader.FileNames)}.").AsException();
    }

    private static async Task<IReadOnlyList<VariableFile>> TextsAsync(Call call, string[] paths, CancellationToken ct)
    {
        var texts = new List<VariableFile>();
        foreach (var path in paths)
        {
            texts.Add(new(path, await EnvCommand.ReadAsync(Path.GetFullPath(path, call.World.Folder), ct)));
        }

        return texts;
    }
}
