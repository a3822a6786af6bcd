using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Wherry.Bench;

/// <summary>The page that keeps a run.</summary>
internal static class Page
{
    public static async Task<string> WriteAsync(BenchHome bench, BenchOptions options, IReadOnlyList<Row> rows, CancellationToken ct)
    {
        var engine = await bench.Engine.VersionAsync(ct);
        var memory = File.ReadLines("/proc/meminfo").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        var processor = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim();
        var page = new StringBuilder();
        page.Append(Row.F($"""
            # Benchmarks

            Written by `bench/run`, as it came out. {TimeProvider.System.GetUtcNow():yyyy-MM-dd HH:mm} UTC.

            Machine: {Environment.ProcessorCount} cores ({processor}), {long.Parse(memory, CultureInfo.InvariantCulture) / 1024.0 / 1024:0.0} GB memory, {RuntimeInformation.OSDescription},
            Docker Engine {engine.Version}, .NET {Environment.Version}. Load generator, Wherry and the engine share it.

            | what | Wherry | by hand | ratio | limit | holds |
            | --- | --- | --- | --- | --- | --- |

            """));
        foreach (var row in rows)
        {
            page.Append(row).Append('\n');
        }

        page.Append("""

            ## How it is measured

            - Server and edge are the published program, in a temporary home. Times are medians (least to most, number of runs); the two sides take turns within one run.
            - **Deploy**: `wherry deploy --image` as a process, from its start to the line that says that traffic is switched (the old replica is drained then), and to its end. By hand: create, start, ask every 10 ms until the first 200, stop and remove the old container, over the engine's socket from a program that already runs; the containers are in a network of their own on both sides.
            - **Push**: `git push` of a commit that changes one line. By hand: the same build by the engine's BuildKit over its API, without the start of a `docker` client, then the swap above.
            - **Load**: visitors come at a fixed pace, and time counts from when a request was due. They speak HTTP/1.1 by hand and never repeat a request, so every reset is a failure. A WebSocket lives on over a switch until the drain time (3 s here)
              is over and is then ended; that is no failure when it had lived for at least the drain time, any other end is. Its visitor opens a new one at once.
            - **Idle**: before everything else, one Compose project of 20 routed services; read after 60 s of silence, CPU over the next 30 s. Without systemd the supervisor is one more process, which is not counted here.

            """);
        return page.ToString();
    }
}
