using Wherry.Core.Routing;

namespace Wherry.Edge.Sites;

/// <summary>Where the files of releases lie that the edge serves by itself; the server puts them there before it switches.</summary>
internal sealed class SiteFolder(string root)
{
    /// <summary>The files of a service; <see langword="null"/> when it has none, or when they are not there: its targets answer then.</summary>
    public SiteFiles? Open(EdgeService service)
    {
        if (service is not { Files: { } name, Rules.Files: { } rule })
        {
            return null;
        }

        var folder = new DirectoryInfo(Path.Combine(root, name));
        return folder.Exists ? SiteFiles.Of(folder, rule) : null;
    }
}
