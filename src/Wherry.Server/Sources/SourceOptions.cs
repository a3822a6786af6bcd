using Wherry.Core.Model;

namespace Wherry.Server.Sources;

/// <summary>Limits of what is taken in as source.</summary>
internal sealed record SourceOptions
{
    /// <summary>Largest source tree, unpacked; also the largest upload, push and fetched repository. Default 2 GB.</summary>
    public ByteSize MaxBytes { get; init; } = ByteSize.Of(2L << 30);

    /// <summary>Most files, folders and links in a source tree. Default 200 000.</summary>
    public int MaxFiles { get; init; } = 200_000;

    /// <summary>How long an upload can be deployed. Default 1 h.</summary>
    public TimeSpan KeepUploads { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Longest time for one fetch of a remote repository. Default 10 min.</summary>
    public TimeSpan FetchFor { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Whether <c>file://</c> repositories on the server's own disk may be read. Default no: whoever may deploy could read what the server can.</summary>
    public bool AllowLocalRepositories { get; init; }
}
