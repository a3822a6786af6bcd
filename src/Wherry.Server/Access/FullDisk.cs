using Wherry.Core.Problems;

namespace Wherry.Server.Access;

/// <summary>Knows a full disk from other failures of files; the store tells its own.</summary>
internal static class FullDisk
{
    private const int NoSpace = 28; // ENOSPC, as the framework hands it on
    private const int QuotaExceeded = 122;

    /// <summary>What to say; <see langword="null"/> when it is something else.</summary>
    public static Problem? Problem(Exception e) => e switch
    {
        IOException { HResult: NoSpace or QuotaExceeded } io => Full(io.Message),
        { InnerException: { } inner } => Problem(inner),
        _ => null,
    };

    private static Problem Full(string why) => new("server/disk-full", $"The disk of the state folder is full: {why}", "What serves goes on serving, and nothing was changed. Free some space on it (`df -h` shows the disks); no restart is needed.");
}
