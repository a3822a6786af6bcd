using System.Data.Common;
using Wherry.Core.Problems;

namespace Wherry.Server.Store;

/// <summary>What can go wrong with any store, in words. <c>where</c> shows no password.</summary>
internal static class StoreProblems
{
    /// <summary>The store does not work at the moment: nobody's fault who only wanted to write there, and worth another try.</summary>
    public static bool IsOutage(Exception e) => e is DbException or ProblemException { Problem.Code: "store/unreachable" or "store/disk-full" or "store/busy" };

    public static Problem Unreachable(object where, string why) => new("store/unreachable", $"The store {where} cannot be reached: {why}", "Start it, or mend the network to it; Wherry goes on by itself. What serves goes on serving.");

    public static Problem Refused(object where, string why) => new("store/refused", $"The store {where} lets Wherry not in: {why}", "Check user, password, database and sslmode in WHERRY_STORE; the user must own the database.");

    public static Problem DiskFull(object where) => new("store/disk-full", $"The disk that the store {where} is on is full: nothing was changed.", "Free some space: old images (`docker image prune`), logs, or a larger disk. What serves goes on serving.");

    public static Problem Damaged(object where, string why) => new("store/damaged", $"The store {where} is damaged: {why}", "Stop the server, keep the damaged file, and restore the store from a backup; `wherry store check` says more.");

    public static Problem Busy(object where) => new("store/busy", $"The store {where} was locked by another program for too long.", "See which: `fuser -v wherry.db` in the state folder. Copy a store that is in use with `wherry store backup`.");

    public static Problem InUse(object where) => new("store/in-use", $"Another server works on the store {where}.", "Stop that one first; a store belongs to one server at a time.");

    public static Problem Newer(int version, int known) => new("store/newer", $"The store was written by a newer Wherry (version {version}; this one knows {known}).", "Start the newer Wherry, or restore a backup of the store from before the upgrade.");

    public static Problem Older(int version, int known) => new("store/older", $"The store is of an older Wherry (version {version}; this one writes {known}).", "Start the server once with this version: it brings the store up to date. Then repeat.");
}
