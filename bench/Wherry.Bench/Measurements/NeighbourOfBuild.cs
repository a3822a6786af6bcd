using Wherry.Bench.Load;

namespace Wherry.Bench.Measurements;

/// <summary>How a build that burns every processor slows what a neighbour's visitors get.</summary>
internal static class NeighbourOfBuild
{
    private const int PerSecond = 100;

    public static async Task<IReadOnlyList<Row>> MeasureAsync(BenchHome bench, BenchOptions options, CancellationToken ct)
    {
        var seconds = options.Small ? 5 : 30;
        var (neighbour, builder) = (await bench.ProjectAsync(ct), await bench.ProjectAsync(ct));
        await bench.ComposeAsync(neighbour, Compose(neighbour, $"image: {BenchHome.Image(1)}", 3000), ct);
        await DuringAsync(bench, neighbour, Task.Delay(TimeSpan.FromSeconds(3), ct)); // warms up
        var alone = await DuringAsync(bench, neighbour, Task.Delay(TimeSpan.FromSeconds(seconds), ct));
        var beside = await DuringAsync(bench, neighbour, bench.ComposeAsync(builder, Compose(builder, "build: .", 8080), ct, Burner(seconds, builder)));
        await bench.RemoveAsync(builder);
        await bench.RemoveAsync(neighbour);
        var ratio = beside.At(0.99) / alone.At(0.99);
        return
        [
            new(
                Row.F($"p99 of a service, GET over kept connections, {PerSecond}/s, while a build of a neighbour keeps {2 * Environment.ProcessorCount} processes busy for {seconds} s"),
                Row.F($"{beside.At(0.99):0.0} ms, without {alone.At(0.99):0.0} ms (p50 {beside.At(0.5):0.0} and {alone.At(0.5):0.0} ms; {beside.Failures + alone.Failures} failed)"),
                "", Row.F($"{ratio:0.00}"), "2.0 times", ratio <= 2 && beside.Failures + alone.Failures == 0),
        ];
    }

    private static async Task<Lane> DuringAsync(BenchHome bench, string project, Task work)
    {
        var lane = new Lane("GET", PerSecond, 10, () => new HttpVisitor(bench.EdgeAddress, $"{project}.localhost", keepsConnection: true, bodyBytes: 0));
        using var stop = new CancellationTokenSource();
        var visits = lane.RunAsync(stop.Token);
        try
        {
            await work;
        }
        finally
        {
            await stop.CancelAsync();
            await visits;
        }

        return lane;
    }

    private static string Burner(int seconds, string unique) => $"""
        FROM busybox:latest
        RUN for i in $(seq 1 {2 * Environment.ProcessorCount}); do timeout {seconds} sh -c 'while :; do :; done' & done; wait; echo {unique}
        EXPOSE 8080
        STOPSIGNAL SIGKILL
        CMD ["/bin/busybox", "httpd", "-f", "-p", "8080", "-h", "/"]

        """;

    private static string Compose(string project, string what, int port) => $$"""
        services:
          web:
            {{what}}
            x-wherry:
              routes: [{ host: {{project}}.localhost, port: {{port}} }]

        """;
}
