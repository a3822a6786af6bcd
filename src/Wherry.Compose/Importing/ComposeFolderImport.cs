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
        var file = ComposeReader.FindFile(files)
            ?? throw new Problem("import/no-file", "The folder holds no Compose file.", $"Name a folder with one of {string.Join(", ", ComposeReader.FileNames)} in it.").AsException();
        var text = files.ReadText(file)!;
        var errors = new SpecErrors(file);
        var root = YamlTree.Parse(text, file, errors);
        errors.ThrowIfAny();
        return new()
        {
            Name = ImportNames.Project(root.TextOf("name") is { } name && !name.Contains('$', StringComparison.Ordinal) ? name : folderName),
            Files = new Dictionary<string, string>(StringComparer.Ordinal) { [ComposeReader.FileNames[0]] = text },
            Inputs = InputList.Of(new(root.At, [.. root.Entries.Where(e => !e.Key.StartsWith("x-", StringComparison.Ordinal))]), _ => null),
        };
    }
}
