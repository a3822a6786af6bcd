using System.Diagnostics;

namespace Wherry.Bench.Measurements;

/// <summary>From the CLI call to "traffic switched and old drained", and to its end, beside the same by hand.</summary>
internal static class DeployLocalImage
{
    public static async Task<IReadOnlyList<Row>> MeasureAsync(BenchHome bench, BenchOptions options, CancellationToken ct)
    {
        var project = await bench.ProjectAsync(ct);
        await using var hand = new HandWritten();
        List<TimeSpan> switched = [], ended = [], byHand = [];

        // The first round puts in place what the next ones replace.
        for (var run = 0; run <= options.Runs; run++)
        {
            var image = BenchHome.Image(1 + (run % 2));
            var took = await bench.DeployImageAsync(project, image, ct);
            var began = Stopwatch.GetTimestamp();
            await hand.SwapAsync(image, ct);
            if (run > 0)
            {
                switched.Add(took.Switched);
                ended.Add(took.End);
                byHand.Add(Stopwatch.GetElapsedTime(began));
            }
        }

        await bench.RemoveAsync(project);
        return
        [
            Row.Compare("Deploy of an image that is local, from the CLI's start until traffic is switched and the old replica drained", switched, byHand, 1.3),
            Row.Compare("The same until the old container is removed and the CLI ends", ended, byHand, null),
        ];
    }
}
