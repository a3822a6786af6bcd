using System.CommandLine;

namespace Wherry.Cli.Completion;

/// <summary>One command as shells complete it.</summary>
/// <param name="Path">Words that lead here, without <c>wherry</c>: <c>env set</c>; empty for the program itself.</param>
internal sealed record CompletionNode(string Path, IReadOnlyList<(string Name, string Text)> Commands, IReadOnlyList<(string Name, string Text)> Options);

/// <summary>The command tree, flat.</summary>
internal static class CompletionTree
{
    public static IReadOnlyList<CompletionNode> Of(RootCommand root)
    {
        var nodes = new List<CompletionNode>();
        Add(root, "", [.. root.Options.Where(o => o.Recursive)], nodes);
        return nodes;
    }

    private static void Add(Command command, string path, IReadOnlyList<Option> recursive, List<CompletionNode> nodes)
    {
        var options = command.Options.Concat(recursive).Where(o => !o.Hidden).DistinctBy(o => o.Name);
        var commands = command.Subcommands.Where(c => !c.Hidden).ToList();
        nodes.Add(new(path, [.. commands.Select(c => (c.Name, Line(c.Description)))], [.. options.Select(o => (o.Name, Line(o.Description)))]));
        foreach (var below in commands)
        {
            Add(below, path.Length == 0 ? below.Name : $"{path} {below.Name}", recursive, nodes);
        }
    }

    /// <summary>Without what a shell would read as its own.</summary>
    private static string Line(string? description) =>
        string.Concat((description ?? "").Split('\n')[0].Where(c => c is not ('\'' or '"' or '`' or '\\' or '$' or '[' or ']'))).Replace(":", " -", StringComparison.Ordinal);
}
