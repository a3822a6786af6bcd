namespace Wherry.Bench.Measurements;

/// <summary>From the CLI call to "traffic switched and old drained", and to its end, beside the same by hand.</summary>
internal static class DeployLocalImage
{
    public static async Task<IReadOnlyList<Row>> MeasureAsync(BenchHome bench, BenchOptions options, CancellationToken ct)
    {
        var project = await bench.ProjectAsync(ct);
        await using var hand = new HandWritten();
        var times = await SideBySide.RunAsync(options.Runs, run => bench.DeployImageAsync(project, Image(run), ct), run => hand.SwapAsync(Image(run), ct));

        await bench.RemoveAsync(project);
        return times.Rows(
            "Deploy of an image that is local, from the CLI's start until traffic is switched and the old replica drained",
            "The same until the old container is removed and the CLI ends");
    }

    private static string Image(int run) => BenchHome.Image(1 + (run % 2));
}
