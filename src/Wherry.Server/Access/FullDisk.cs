using Microsoft.Data.Sqlite;
using Wherry.Core.Problems;

namespace Wherry.Server.Access;

/// <summary>Knows a full disk from other failures.</summary>
internal static class FullDisk
{
    private const int NoSpace = 28; // ENOSPC, as the framework hands it on
    private const int QuotaExceeded = 122;
    private const int SqliteFull = 13;
    private const int SqliteInputOutput = 10;

    /// <summary>What to say; <see langword="null"/> when it is something else.</summary>
    public static Problem? Problem(Exception e) => e switch
    {
        SqliteException { SqliteErrorCode: SqliteFull } => Full("the store cannot be written"),
        SqliteException { SqliteErrorCode: SqliteInputOutput, SqliteExtendedErrorCode: var more } when more is (3 << 8 | 10) or (19 << 8 | 10) => Full("the store cannot be written"), // a short write, or no room for its shared memory
        IOException { HResult: NoSpace or QuotaExceeded } io => Full(io.Message),
        { InnerException: { } inner } => Problem(inner),
        _ => null,
    };

    private static Problem Full(string why) => new("server/disk-full", $"The disk of the state folder is full: {why}.", "What serves goes on serving, and nothing was changed. Free some space on it (`df -h` shows the disks); no restart is needed.");
}
