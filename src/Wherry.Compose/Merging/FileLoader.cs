using Wherry.Compose.Interpolation;
using Wherry.Compose.Yaml;
using Wherry.Core.Problems;

namespace Wherry.Compose.Merging;

/// <summary>From a project's Compose files to one tree. Each file has its own variables replaced before it is merged over the ones before it.</summary>
internal sealed class FileLoader(SourceReader source, SpecErrors errors)
{
    private const int MaxFiles = 100;
    private const int MaxCharacters = 1 << 20;
    private const int MaxNodes = 100_000;

    private readonly TreeMerge _merge = new(errors);

    private int _files;
    private long _characters;
    private long _nodes;

    public YamlMap Load(ComposeInput input, SourceFolder folder, Variables variables)
    {
        var tree = TreeMerge.Clean(Parse(input.FileName, input.Text, folder, variables));
        foreach (var name in input.Overrides)
        {
            tree = _merge.Merge(tree, Parse(name, Read(name), folder, variables), MergePath.Root);
        }

        return tree;
    }

    private YamlMap Parse(string name, string text, SourceFolder folder, Variables variables)
    {
        _characters += text.Length;
        if (++_files > MaxFiles || (_characters > MaxCharacters && _files > 1))
        {
            throw TooLarge(_files > MaxFiles ? $"With {name}, the project has more than {MaxFiles} Compose files." : $"With {name}, the project's Compose files are larger than 1 MB.");
        }

        var tree = YamlTree.Parse(text, name, errors, new Origin(_files - 1, name, folder, variables));
        _nodes += tree.Size;
        return _nodes <= MaxNodes
            ? new Interpolator(variables, errors, name).Expand(tree)
            : throw TooLarge($"With {name}, the project's Compose files unfold to more than {MaxNodes} values.");
    }

    private string Read(string name) => source.In(SourceFolder.Root).FindText(name)
        ?? throw new Problem("compose/file-missing", $"{Problem.Quoted(name)} is not in the source.", "Add the file, or name others: the variable COMPOSE_FILE and the option -f say which Compose files are read.").AsException();

    private static ProblemException TooLarge(string message) => new Problem("compose/too-large", message, "Split the project, or write it with fewer values.").AsException();
}
