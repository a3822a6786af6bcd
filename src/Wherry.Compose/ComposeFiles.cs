using Wherry.Compose.Interpolation;
using Wherry.Core.Problems;

namespace Wherry.Compose;

/// <summary>Which files of a source are its Compose files.</summary>
public static class ComposeFiles
{
    private static readonly string[] OverrideNames = ["compose.override.yaml", "compose.override.yml", "docker-compose.override.yml", "docker-compose.override.yaml"];

    /// <summary>
    /// Paths from the source's root, in the order in which they are merged: those of the variable <c>COMPOSE_FILE</c> (also in <c>.env</c>; separated by <c>:</c>
    /// or what <c>COMPOSE_PATH_SEPARATOR</c> says), else the first of <see cref="ComposeReader.FileNames"/> with an override file beside it. Empty when there is none.
    /// </summary>
    /// <exception cref="ProblemException"><c>compose/file-missing</c> when a file that <c>COMPOSE_FILE</c> names is not there; <c>source/path</c> when it lies outside.</exception>
    /// <param name="files">The source.</param>
    /// <param name="variables">What the environment gives.</param>
    /// <param name="envFiles">Files of variables in the place of <c>.env</c>.</param>
    public static IReadOnlyList<string> Find(ISourceFiles files, IReadOnlyDictionary<string, string> variables, IReadOnlyList<VariableFile>? envFiles = null)
    {
        var errors = new SpecErrors("");
        var settings = new Variables(variables).Behind(envFiles ?? ProjectVariables.FilesOf(variables, name => files.ReadText(SourceFolder.Root.Resolve(name).Value)), default, errors);
        string? Setting(string name) => settings.FindSetting(name);
        if (Setting("COMPOSE_FILE") is { Length: > 0 } named)
        {
            return Named(files, named.Split(Setting("COMPOSE_PATH_SEPARATOR") is { Length: > 0 } separator ? separator : ":", StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        }

        return First(files, ComposeReader.FileNames) is { } file
            ? First(files, OverrideNames) is { } over ? [file, over] : [file]
            : [];
    }

    /// <summary>These paths, as written on a command line or in a variable, from the source's root.</summary>
    /// <exception cref="ProblemException"><c>compose/file-missing</c>, <c>source/path</c>.</exception>
    public static IReadOnlyList<string> Named(ISourceFiles files, IReadOnlyList<string> paths)
    {
        var found = paths.Select(p => SourceFolder.Root.Resolve(p).Value).ToList();
        return found.Find(p => files.ReadBytes(p) is null) is { } missing
            ? throw new Problem("compose/file-missing", $"The Compose file {Problem.Quoted(missing)} is not in the source.", "Correct the path: it starts at the folder that is deployed (the variable COMPOSE_FILE, or the option -f).").AsException()
            : found;
    }

    private static string? First(ISourceFiles files, IEnumerable<string> names) => names.FirstOrDefault(name => files.ReadBytes(name) is not null);
}
