using Wherry.Compose.Yaml;
using Wherry.Core.Problems;

namespace Wherry.Compose.Importing;

/// <summary>A Compose project that is one already: which variables it needs.</summary>
public static class ComposeFolderImport
{
    /// <param name="folderName">Gives the project its name when the file does not.</param>
    /// <exception cref="ProblemException"><c>import/no-file</c>, or what keeps the file from being read.</exception>
    public static ImportedProject Read(ISourceFiles files, string folderName)
    {
        var found = ComposeFiles.Find(files, new Dictionary<string, string>());
        if (found.Count == 0)
        {
            throw new Problem("import/no-file", "The folder holds no Compose file.", $"Name a folder with one of {string.Join(", ", ComposeReader.FileNames)} in it.").AsException();
        }

        var trees = found.Select(f => Parse(f, files.ReadText(f)!)).ToList();
        var name = trees.Select(t => t.TextOf("name")).LastOrDefault(n => n is not null);
        return new()
        {
            Name = ImportNames.Project(name is null || name.Contains('$', StringComparison.Ordinal) ? folderName : name),
            Files = new Dictionary<string, string>(StringComparer.Ordinal) { [ComposeReader.FileNames[0]] = files.ReadText(found[0])! },
            Inputs = [.. trees.SelectMany(t => InputList.Of(new(t.At, [.. t.Entries.Where(e => !e.Key.StartsWith("x-", StringComparison.Ordinal))]), _ => null)).DistinctBy(i => i.Name)],
        };
    }

    private static YamlMap Parse(string file, string text)
    {
        var errors = new SpecErrors(file);
        var root = YamlTree.Parse(text, file, errors);
        errors.ThrowIfAny();
        return root;
    }
}
