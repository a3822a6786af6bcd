using System.Runtime.CompilerServices;
using Wherry.Compose.Interpolation;
using Wherry.Compose.Reading;
using Wherry.Compose.Yaml;
using Wherry.Core.Problems;

namespace Wherry.Compose.Merging;

/// <summary>From a project's Compose files to one tree. Each file has its variables replaced, its services extended and its includes brought in before it is merged over the ones before it.</summary>
internal sealed class FileLoader
{
    private const int MaxFiles = 100;
    private const int MaxCharacters = 1 << 20;
    private const int MaxNodes = 100_000;
    private const int MaxTaken = 16 << 20;

    private readonly SourceReader _source;
    private readonly SpecErrors _errors;
    private readonly TreeMerge _merge;
    private readonly ExtendsReader _extends;
    private readonly IncludeReader _includes;

    private readonly StrongBox<long> _replaced = new();

    private int _files;
    private long _characters;
    private long _nodes;
    private long _taken;

    public FileLoader(SourceReader source, SpecErrors errors)
    {
        (_source, _errors, _merge) = (source, errors, new(errors));
        _extends = new(this, _merge, errors);
        _includes = new(this, source, errors);
    }

    public YamlMap Load(ComposeInput input, SourceFolder folder, Variables variables)
    {
        var overrides = input.Overrides.Select(name => (name, _source.In(SourceFolder.Root).FindText(name) ?? throw Missing(name, ".").AsException()));
        return LoadAll([(input.FileName, input.Text), .. overrides], folder, variables, []);
    }

    /// <summary>Files that are merged over each other.</summary>
    /// <param name="chain">The files that include these.</param>
    public YamlMap LoadAll(IReadOnlyList<(string Name, string Text)> files, SourceFolder folder, Variables variables, IReadOnlyList<string> chain)
    {
        YamlMap? all = null;
        foreach (var (name, text) in files)
        {
            var parsed = Parse(name, text, folder, variables);
            var file = parsed with { Tree = parsed.Pending!.Expand(parsed.Tree), Pending = null };
            var tree = _includes.Apply(_extends.Apply(file), file.Origin, [.. chain, name]);
            all = all is null ? TreeMerge.Clean(tree) : _merge.Merge(all, tree, MergePath.Root);
        }

        return all!;
    }

    public LoadedFile Parse(string name, string text, SourceFolder folder, Variables variables)
    {
        _characters += text.Length;
        if (++_files > MaxFiles || (_characters > MaxCharacters && _files > 1))
        {
            throw TooLarge(_files > MaxFiles ? $"With {name}, the project has more than {MaxFiles} Compose files." : $"With {name}, the project's Compose files are larger than 1 MB.");
        }

        var origin = new Origin(_files - 1, name, folder, variables);
        var tree = YamlTree.Parse(text, name, _errors, origin);
        Count(tree.Size, name);
        return new(tree, origin, new(variables, _errors, name, _replaced));
    }

    /// <summary>Bounds what services take over from each other.</summary>
    public void CountTaken(YamlMap service, string name)
    {
        Count(service.Size, name);
        _taken += Characters(service);
        if (_taken > MaxTaken)
        {
            throw TooLarge($"With {name}, what services take over with extends is more than 16 MB.");
        }
    }

    /// <summary>The text of a file that another one names; <see langword="null"/> after a report.</summary>
    /// <param name="path">From the source's root.</param>
    public string? Read(Field asker, string path) => asker.Try(() => _source.In(SourceFolder.Root).FindText(path) ?? throw Missing(path, "").AsException());

    /// <summary>Whether the path is an address of another machine; then that is reported.</summary>
    public static bool RefuseRemote(Field field, string path)
    {
        var remote = path.Contains("://", StringComparison.Ordinal) || path.StartsWith("git@", StringComparison.Ordinal);
        if (remote)
        {
            field.Wrong("compose/unsupported-key", "a Compose file of another machine is not read: it may change without the source", "Copy the file into the source.");
        }

        return remote;
    }

    private static long Characters(YamlNode node) => node switch
    {
        YamlMap map => map.Entries.Sum(e => e.Key.Length + Characters(e.Value)),
        YamlList list => list.Items.Sum(Characters),
        YamlScalar scalar => scalar.Text.Length,
        _ => 0,
    };

    private void Count(long nodes, string name)
    {
        _nodes += nodes;
        if (_nodes > MaxNodes)
        {
            throw TooLarge($"With {name}, the project's Compose files unfold to more than {MaxNodes} values.");
        }
    }

    private static Problem Missing(string path, string end) =>
        new("compose/file-missing", $"{Problem.Quoted(path)} is not in the source{end}", "Add the file to the source, or correct its path.");

    private static ProblemException TooLarge(string message) => new Problem("compose/too-large", message, "Split the project, or write it with fewer values.").AsException();
}
