using Wherry.Compose.Interpolation;

namespace Wherry.Compose.Merging;

/// <summary>The Compose file that a value is written in. It stays with the value when files are merged, so that a path means what it meant where it stands.</summary>
/// <param name="order">Counts the files as they are read; problems are told in this order.</param>
/// <param name="file">Path from the source's root.</param>
/// <param name="folder">Where the paths written in the file start.</param>
/// <param name="variables">What the file's variables are replaced with.</param>
internal sealed class Origin(int order, string file, SourceFolder folder, Variables variables)
{
    public int Order => order;

    public string File => file;

    public SourceFolder Folder => folder;

    public Variables Variables => variables;
}
