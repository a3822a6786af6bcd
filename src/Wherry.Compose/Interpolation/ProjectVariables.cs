using Wherry.Core.Problems;

namespace Wherry.Compose.Interpolation;

/// <summary>The variables that a project's files see: what the environment gives, then <c>.env</c> or the files named in its place.</summary>
internal static class ProjectVariables
{
    private const string Disabled = "COMPOSE_DISABLE_ENV_FILE";
    private const string Named = "COMPOSE_ENV_FILES";

    /// <param name="source">Starts at the first Compose file's folder.</param>
    public static Variables Read(ComposeInput input, SourceReader source, SpecErrors errors) =>
        new Variables(input.Variables).Behind(input.EnvFiles ?? FilesOf(input.Variables, source.FindText), new(1, 1), errors);

    /// <summary>The files of variables that settings are read from.</summary>
    /// <param name="find">Reads a file; <see langword="null"/> when there is none.</param>
    /// <exception cref="ProblemException"><c>compose/file-missing</c> when a named file is not there.</exception>
    public static IReadOnlyList<VariableFile> FilesOf(IReadOnlyDictionary<string, string> given, Func<string, string?> find)
    {
        if (given.GetValueOrDefault(Disabled)?.ToLowerInvariant() is "1" or "true" or "t" or "yes" or "y")
        {
            return [];
        }

        if (given.GetValueOrDefault(Named) is { Length: > 0 } names)
        {
            return [.. names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(n => new VariableFile(n, find(n) ?? throw Missing(n)))];
        }

        return find(".env") is { } text ? [new(".env", text)] : [];
    }

    private static ProblemException Missing(string name) =>
        new Problem("compose/file-missing", $"{Problem.Quoted(name)}, which {Named} names, is not in the source.", "Add the file, or correct the variable.").AsException();
}
