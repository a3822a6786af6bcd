namespace Wherry.Core.Reconcile;

/// <summary>Waiting times of the reconcile loop.</summary>
public static class Backoff
{
    /// <summary>A replica that ran this long has left its failures behind.</summary>
    public static readonly TimeSpan Steady = TimeSpan.FromMinutes(10);

    /// <summary>What should not exist is left alone this long; a paused replica counts as alive for as long.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    /// <summary>Ends without a steady run between them that make a crash loop.</summary>
    public const int CrashLoop = 5;

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>Before a replica is started again: 1 s, doubled with each failure, at most 5 min.</summary>
    public static TimeSpan After(int failures) => failures >= 9 ? Longest : TimeSpan.FromSeconds(1 << Math.Max(0, failures));
}
