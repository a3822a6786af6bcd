using Wherry.Core.Model;

namespace Wherry.Compose.Reading;

/// <summary><c>x-wherry.source</c>.</summary>
internal static class SourceReading
{
    public static GitSource? Read(Field? field)
    {
        if (field?.Map() is not { } f)
        {
            return null;
        }

        var url = f["url"]?.Value<GitUrl>();
        var reference = f["ref"]?.Value<GitRef>();
        var branch = f["branch"]?.Value<GitRef>();
        var path = f["path"]?.Value<SourcePath>() ?? SourcePath.Root;
        if (!f.Has("url"))
        {
            f.Wrong("compose/value", "needs url", "Write url: with the address of the Git repository.");
        }

        if (f.Has("ref") && f.Has("branch"))
        {
            f.Wrong("compose/value", "has ref and branch", "Keep one of them; ref also takes a branch.");
        }

        f.Close();
        return url is null ? null : new(url, reference ?? branch, path);
    }
}
