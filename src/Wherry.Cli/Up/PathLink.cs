using Wherry.Cli.Frame;
using Wherry.Cli.Supervision;

namespace Wherry.Cli.Up;

/// <summary><c>wherry</c> on the path of every user: a link to the installed program. Only the usual home has one.</summary>
/// <param name="folder">On the path of every user.</param>
internal sealed class PathLink(HomeFiles files, string folder = "/usr/local/bin")
{
    private readonly FileInfo _link = new(Path.Combine(folder, "wherry"));

    /// <summary>Makes the link, unless something of that name stands there already.</summary>
    /// <returns>The link is there.</returns>
    public bool Make()
    {
        if (files.Home != GlobalOptions.DefaultHome || !Directory.Exists(folder))
        {
            return false;
        }

        if (_link.LinkTarget is null && !_link.Exists)
        {
            _link.CreateAsSymbolicLink(files.Program);
        }

        return _link.LinkTarget == files.Program;
    }

    /// <summary>Removes the link, if it is ours.</summary>
    public void Remove()
    {
        if (_link.LinkTarget == files.Program)
        {
            _link.Delete();
        }
    }
}
