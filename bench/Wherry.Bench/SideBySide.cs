using System.Diagnostics;

namespace Wherry.Bench;

/// <summary>Wherry and the same done by hand, taking turns.</summary>
/// <param name="Switched">Wherry, until traffic is switched and the old replica drained.</param>
/// <param name="Ended">Wherry, until the old container is removed and the command ends.</param>
/// <param name="ByHand">By hand, until the old container is removed.</param>
internal sealed record SideBySide(IReadOnlyList<TimeSpan> Switched, IReadOnlyList<TimeSpan> Ended, IReadOnlyList<TimeSpan> ByHand)
{
    /// <param name="runs">That count. One more goes before them: it puts in place what they replace.</param>
    /// <param name="wherry">Does it once and tells the times of <see cref="Switched"/> and <see cref="Ended"/>.</param>
    /// <param name="byHand">Does it once.</param>
    public static async Task<SideBySide> RunAsync(int runs, Func<int, Task<(TimeSpan Switched, TimeSpan Ended)>> wherry, Func<int, Task> byHand)
    {
        List<TimeSpan> switched = [], ended = [], hand = [];
        for (var run = 0; run <= runs; run++)
        {
            var took = await wherry(run);
            var began = Stopwatch.GetTimestamp();
            await byHand(run);
            var handTook = Stopwatch.GetElapsedTime(began);
            if (run > 0)
            {
                switched.Add(took.Switched);
                ended.Add(took.Ended);
                hand.Add(handTook);
            }
        }

        return new(switched, ended, hand);
    }

    /// <summary>Only the first is limited: what is removed afterwards keeps nobody waiting.</summary>
    public IReadOnlyList<Row> Rows(string toSwitched, string toEnd) =>
        [Row.Compare(toSwitched, Switched, ByHand, 1.3), Row.Compare(toEnd, Ended, ByHand, null)];
}
