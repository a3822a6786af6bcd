using System.Globalization;
using Wherry.Core.Health;
using Wherry.Core.Problems;
using Wherry.Edge.Targets;

namespace Wherry.Edge.Health;

/// <summary>Lets new targets through when all of them are well.</summary>
internal sealed class TargetGate(Prober prober, TimeProvider time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);

    private static readonly ProbeResult TooLate = new(false, "well, but too late");

    /// <summary>Returns when every target has passed a probe, or two running.</summary>
    /// <exception cref="ProblemException"><c>health/deadline</c>: not all were well in time; says what the last probe of each found.</exception>
    public async Task HealthyAsync(string key, IReadOnlyList<LiveTarget> targets, TimeSpan deadline, bool twice, CancellationToken ct)
    {
        var verdicts = await Task.WhenAll(targets.Select(t => WaitAsync(t, deadline, twice, ct)));

        var failed = verdicts.Where(v => !v.Passed).ToList();
        if (failed.Count > 0)
        {
            var problem = new Problem(
                "health/deadline",
                string.Create(CultureInfo.InvariantCulture, $"{key} was not healthy within {deadline.TotalSeconds:0.###} s: {string.Join("; ", failed.Select(f => f.Says).Distinct())}."),
                "See the replica's log. Check that the process listens on 0.0.0.0 and on the route's port, and that the probe's path answers 2xx or 3xx.");
            throw new ProblemException(problem) { Probes = [.. failed.Select(f => f.Report).OfType<ProbeReport>()] };
        }
    }

    private async Task<ProbeResult> WaitAsync(LiveTarget target, TimeSpan deadline, bool twice, CancellationToken ct)
    {
        var start = time.GetTimestamp();
        var pause = FirstPause;
        ProbeResult? last = null;
        for (var left = deadline; left > TimeSpan.Zero; left = deadline - time.GetElapsedTime(start))
        {
            var result = await prober.ProbeAsync(target, left, ct);
            result = twice && result.Passed ? await prober.ProbeAsync(target, left, ct) : result; // one that answers a single request and dies is not well
            if (result.Passed && time.GetElapsedTime(start) <= deadline)
            {
                target.Passed();
                return result;
            }

            // A probe that the deadline cut short says less than the one before it.
            last = last is not null && result.CutShort ? last : result.Passed ? TooLate : result;
            target.Failed(last.Value.Says);
            left = deadline - time.GetElapsedTime(start);
            if (left > TimeSpan.Zero)
            {
                await Task.Delay(pause < left ? pause : left, time, ct);
            }

            pause = pause * 1.25 < target.Probe.Interval ? pause * 1.25 : target.Probe.Interval;
        }

        return last ?? new(false, "there was no time for a probe");
    }
}
