using System.Diagnostics;

namespace Wherry.Bench.Measurements;

/// <summary>From the CLI call to "traffic switched and old drained", beside the same by hand.</summary>
internal static class DeployLocalImage
{
    public static async Task<IReadOnlyList<Row>> MeasureAsync(BenchHome bench, BenchOptions options, CancellationToken ct)
    {
        var project = await bench.ProjectAsync(ct);
        await using var hand = new HandWritten();
        List<TimeSpan> byWherry = [], byHand = [];

        // The first round puts in place what the next ones replace.
        for (var run = 0; run <= options.Runs; run++)
        {
            var image = BenchHome.Image(1 + (run % 2));
            var took = await bench.CliAsync(ct, "deploy", "--image", image, "-p", project);
            var began = Stopwatch.GetTimestamp();
            await hand.SwapAsync(image, ct);
            if (run > 0)
            {
                byWherry.Add(took);
                byHand.Add(Stopwatch.GetElapsedTime(began));
            }
        }

        await bench.RemoveAsync(project);
        return [Row.Compare("Deploy of an image that is local, the CLI's start to its end", byWherry, byHand, 1.3)];
    }
}
