using Wherry.Core.Problems;

namespace Wherry.Compose;

/// <summary>Where the reader gets files from: the source tree, never outside of it.</summary>
/// <remarks>Paths are relative to the tree's root, with <c>/</c> between their parts.</remarks>
public interface ISourceFiles
{
    /// <summary>The file as text, or <see langword="null"/> when there is none.</summary>
    /// <exception cref="ProblemException"><c>source/path</c> when the path leaves the tree, <c>source/file</c> when it is too large or not UTF-8.</exception>
    string? ReadText(string relativePath);

    /// <summary>The file's bytes, or <see langword="null"/> when there is none.</summary>
    /// <exception cref="ProblemException"><c>source/path</c> when the path leaves the tree, <c>source/file</c> when it is too large.</exception>
    byte[]? ReadBytes(string relativePath);

    /// <summary>Paths of the files in a folder and the folders below it, in order; empty when there is no such folder. Links to folders are named, not followed; <c>.git</c> is left out.</summary>
    /// <param name="relativeFolder">From the tree's root; <c>.</c> is the tree itself.</param>
    /// <param name="most">So many are looked for at most.</param>
    /// <exception cref="ProblemException"><c>source/path</c> when the folder lies outside of the tree.</exception>
    IReadOnlyList<string> FilesBelow(string relativeFolder, int most) => [];
}
