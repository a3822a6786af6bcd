using System.Diagnostics;
using Wherry.Client;

namespace Wherry.Bench.Measurements;

/// <summary>A deployment whose log gets half a million lines as fast as they come.</summary>
/// <remarks>The engine's BuildKit passes on no more than 1 MB of a step's output, so a build cannot write them. A release command can: its output goes the same way, line by line.</remarks>
internal static class BuildLog
{
    private const int Tail = 100;

    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(50);

    public static async Task<IReadOnlyList<Row>> MeasureAsync(BenchHome bench, BenchOptions options, CancellationToken ct)
    {
        var lines = options.Small ? 50_000 : 500_000;
        var project = await bench.ProjectAsync(ct);
        var deployment = await bench.QueueAsync(project, Compose(lines), ct, $"FROM busybox:latest\nRUN seq 1 {lines} # {project}\n");
        var during = await TailsAsync(bench, deployment.Id, async () => (await bench.Client.DeploymentAsync(deployment.Id, ct)).Outcome is null, ct);
        await bench.EndAsync(deployment, ct);
        var runs = 0;
        var after = await TailsAsync(bench, deployment.Id, () => Task.FromResult(runs++ < 50), ct);
        var (built, written) = await LinesAsync(bench, deployment.Id, lines, ct);
        await bench.RemoveAsync(project);

        var tenth = lines / 10;
        var (first, last) = (written[tenth - 1] - written[0], written[^1] - written[^tenth]);
        var ratio = last / first;
        return
        [
            new(Row.F($"Log of {lines} lines: the last tenth appended, beside the first"), Row.F($"{last.TotalMilliseconds:0} ms, first {first.TotalMilliseconds:0} ms; {lines / (written[^1] - written[0]).TotalSeconds:0} lines/s"), "", Row.F($"{ratio:0.00}"), "1.3 times", ratio <= 1.3),
            Row.Within(Row.F($"The last {Tail} lines of it over the API while it is written"), during, TimeSpan.FromMilliseconds(50)),
            Row.Within(Row.F($"The last {Tail} lines of it over the API afterwards"), after, TimeSpan.FromMilliseconds(50)),
            new(Row.F($"A build step that prints {lines} lines: as many the engine's BuildKit passes on"), Row.F($"{built}"), "", "", "", true),
        ];
    }

    /// <summary>Asks for the last lines again and again.</summary>
    private static async Task<IReadOnlyList<TimeSpan>> TailsAsync(BenchHome bench, string deployment, Func<Task<bool>> goesOn, CancellationToken ct)
    {
        var took = new List<TimeSpan>();
        while (await goesOn())
        {
            var began = Stopwatch.GetTimestamp();
            var count = 0;
            await foreach (var _ in bench.Client.DeploymentLogAsync(deployment, new LogQuery { Tail = Tail }, ct))
            {
                count++;
            }

            if (count >= Tail)
            {
                took.Add(Stopwatch.GetElapsedTime(began));
            }

            await Task.Delay(Every, ct);
        }

        return took;
    }

    /// <returns>How many lines of the build arrived, and when each of the release command's was written.</returns>
    private static async Task<(int Built, IReadOnlyList<DateTimeOffset> Written)> LinesAsync(BenchHome bench, string deployment, int lines, CancellationToken ct)
    {
        var built = 0;
        var written = new List<DateTimeOffset>(lines);
        await foreach (var line in bench.Client.DeploymentLogAsync(deployment, new LogQuery(), ct))
        {
            if (line is { Source: "web", Stream: "stdout" } && line.Text.Length > 0 && line.Text.All(char.IsAsciiDigit))
            {
                written.Add(line.At);
            }
            else if (line is { Source: "web", Stream: "stdout" } && char.IsAsciiDigit(line.Text[^1]))
            {
                built++; // "#5 0.123 4711"
            }
        }

        return written.Count == lines ? (built, written) : throw new InvalidOperationException($"{written.Count} of {lines} lines are in the log");
    }

    private static string Compose(int lines) => $$"""
        services:
          web:
            build: .
            command: ["/bin/busybox", "sleep", "3600"]
            stop_signal: SIGKILL
            x-wherry:
              release: ["seq", "1", "{{lines}}"]

        """;
}
