using Wherry.Compose.Interpolation;
using Wherry.Compose.Merging;
using Wherry.Compose.Reading;
using Wherry.Core.Problems;

namespace Wherry.Compose;

/// <summary>Reads a project's Compose files into the model, in four stages: parse, interpolate, merge, read.</summary>
public static class ComposeReader
{
    /// <summary>Names of a Compose file, in the order in which Compose looks for them.</summary>
    public static IReadOnlyList<string> FileNames { get; } = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

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
        var variables = ProjectVariables.Read(input, source, errors);

        var tree = new FileLoader(source, errors).Load(input, folder, variables);
        var model = FileReader.Read(tree, new(input.Profiles, source, variables, errors));

        return new(model, errors.Warnings, variables.Uses) { Places = variables.Places };
    }

    /// <summary>The variables that reading this would see.</summary>
    internal static Variables VariablesOf(ComposeInput input) => ProjectVariables.Read(input, new(input.Files, SourceFolder.OfFile(input.FileName)), new(input.FileName));
}
