using Wherry.Compose.Interpolation;
using Wherry.Compose.Reading;
using Wherry.Compose.Yaml;
using Wherry.Core.Problems;

namespace Wherry.Compose;

/// <summary>Reads a Compose file into the model, in three stages: parse, interpolate, read.</summary>
public static class ComposeReader
{
    private static readonly string[] OverrideNames = ["compose.override.yaml", "compose.override.yml", "docker-compose.override.yml", "docker-compose.override.yaml"];

    /// <summary>Names of a Compose file, in the order in which Compose looks for them.</summary>
    public static IReadOnlyList<string> FileNames { get; } = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

    /// <summary>The name of the Compose file at the source's root, looked for in Compose's order; <see langword="null"/> when there is none.</summary>
    public static string? FindFile(ISourceFiles files) => FileNames.FirstOrDefault(name => files.ReadBytes(name) is not null);

    /// <summary>Reads <paramref name="input"/>. The same input gives the same model.</summary>
    /// <exception cref="ProblemException">
    /// Everything that is wrong, each with line and column: under its own code when it is one thing, as <c>compose/invalid</c> when there are several.
    /// What keeps the file from being read at all comes alone: <c>compose/yaml</c>, <c>compose/too-large</c>, <c>source/path</c>.
    /// </exception>
    public static ComposeResult Read(ComposeInput input)
    {
        var errors = new SpecErrors(input.FileName);
        var result = Read(input, errors);
        errors.ThrowIfAny();
        return result;
    }

    /// <summary>As the other, but what is wrong stays in <paramref name="errors"/>, and the result is then not to be used.</summary>
    internal static ComposeResult Read(ComposeInput input, SpecErrors errors)
    {
        var folder = SourceFolder.OfFile(input.FileName);
        var source = new SourceReader(input.Files, folder);
        var variables = ReadVariables(input, source, errors);

        var tree = YamlTree.Parse(input.Text, input.FileName, errors);
        var expanded = new Interpolator(variables, errors, input.FileName).Expand(tree);
        var model = FileReader.Read(expanded, new(input.Profiles, source, variables, errors));
        WarnAboutOverride(source, errors);

        return new(model, errors.Warnings, variables.Uses);
    }

    private static Variables ReadVariables(ComposeInput input, SourceReader source, SpecErrors errors)
    {
        if (source.FindText(".env") is not { } text)
        {
            return new(input.Variables, new Dictionary<string, string>());
        }

        var file = EnvFile.Parse(
            text,
            input.Variables.GetValueOrDefault,
            name => errors.Warn(new(1, 1), "", "compose/variable-unset", $".env: the variable {name} is not set; it is replaced by nothing"));
        foreach (var problem in file.Problems)
        {
            errors.Add(new(1, 1), "", "compose/env-file", $".env:{problem.Line} {problem.Message}", "Put the value into single quotes.");
        }

        return new(input.Variables, file.Values);
    }

    private static void WarnAboutOverride(SourceReader source, SpecErrors errors)
    {
        foreach (var name in OverrideNames.Where(n => source.FindBytes(n) is not null))
        {
            errors.Warn(new(1, 1), "", "compose/override-ignored", $"{name} stands beside this file and is not read");
        }
    }
}
