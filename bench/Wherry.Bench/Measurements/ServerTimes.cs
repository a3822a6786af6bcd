using Wherry.Bench.Load;

namespace Wherry.Bench.Measurements;

/// <summary><c>wherry status</c>, the server's start, and its sudden end under load.</summary>
internal static class ServerTimes
{
    public static async Task<IReadOnlyList<Row>> MeasureAsync(BenchHome bench, BenchOptions options, CancellationToken ct)
    {
        var project = await bench.ProjectAsync(ct);
        await bench.CliAsync(ct, "deploy", "--image", BenchHome.Image(1), "-p", project);
        List<TimeSpan> status = [], ready = [];
        for (var run = 0; run <= options.Runs; run++)
        {
            var took = await bench.CliAsync(ct, "status");
            if (run > 0)
            {
                status.Add(took);
            }
        }

        var load = FourLanes.Start(bench.EdgeAddress, $"{project}.localhost", TimeSpan.MaxValue, ct);
        for (var run = 0; run < Math.Min(options.Runs, 5); run++)
        {
            await Task.Delay(TimeSpan.FromSeconds(2), ct);
            await bench.Server.KillAsync();
            await Task.Delay(TimeSpan.FromSeconds(1), ct);
            ready.Add(await bench.StartServerAsync(ct));
        }

        await Task.Delay(TimeSpan.FromSeconds(2), ct);
        var lanes = await load.StopAsync();
        await bench.RemoveAsync(project);
        return
        [
            Row.Within("`wherry status`", status, TimeSpan.FromMilliseconds(200)),
            Row.Within("Server, from the start of its process to its first answer, under load", ready, TimeSpan.FromSeconds(2)),
            .. lanes.Select(l => l.ToRow($"kill -9 and start of the server, {ready.Count} times")),
        ];
    }
}
