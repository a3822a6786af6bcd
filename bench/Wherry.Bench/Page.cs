using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Wherry.Bench;

/// <summary>The page that keeps a run.</summary>
internal static class Page
{
    /// <param name="before">The page as it was: rows that were not measured now stay; empty: there are none.</param>
    public static async Task<string> WriteAsync(BenchHome bench, IReadOnlyList<Row> rows, string before, CancellationToken ct)
    {
        var engine = await bench.Engine.VersionAsync(ct);
        var memory = File.ReadLines("/proc/meminfo").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        var processor = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim();
        var page = new StringBuilder();
        page.Append(Row.F($"""
            # Benchmarks

            Written by `bench/run`, as it came out. {TimeProvider.System.GetUtcNow():yyyy-MM-dd HH:mm} UTC.{(before.Length == 0 ? "" : " Rows that were not measured then are of the run before.")}

            Machine: {Environment.ProcessorCount} cores ({processor}), {long.Parse(memory, CultureInfo.InvariantCulture) / 1024.0 / 1024:0.0} GB memory, {RuntimeInformation.OSDescription},
            Docker Engine {engine.Version}, .NET {Environment.Version}. Load generator, Wherry and the engine share it.

            | what | Wherry | by hand | ratio | limit | holds |
            | --- | --- | --- | --- | --- | --- |

            """));
        foreach (var line in Lines(rows, before))
        {
            page.Append(line).Append('\n');
        }

        page.Append("""

            ## How it is measured

            - Server and edge are the published program, in a temporary home. Times are medians (least to most, number of runs); the two sides take turns within one run.
            - **Deploy**: `wherry deploy --image` as a process, from its start to the line that says that traffic is switched (the old replica is drained then), and to its end. By hand: create, start, ask every 10 ms until the first 200, stop and remove the old container, over the engine's socket from a program that already runs; the containers are in a network of their own on both sides.
            - **Push**: `git push` of a commit that changes one line. By hand: the same build by the engine's BuildKit over its API, without the start of a `docker` client, then the swap above.
            - **Load**: visitors come at a fixed pace, and time counts from when a request was due. They speak HTTP/1.1 by hand and never repeat a request, so every reset is a failure. A WebSocket lives on over a switch until the drain time (3 s here)
              is over and is then ended; that is no failure when it had lived for at least the drain time, any other end is. Its visitor opens a new one at once.
            - **Recovery**: two services of two replicas, one is deployed again and again. The server is killed right after a step was logged, a different one each time (start, wait, switch, remove), its unit's `RestartSec` passes, and it is started. Time counts from before the kill until the time
              that the deployment's log gives its next lines; each kill must keep the limit. 250 visitors a second of each service all the while, those that keep their connection and those that do not.
            - **Log**: a release command prints 500,000 numbers as fast as the engine takes them; they go into the deployment's log one by one, as a build's lines do. (A build cannot print them: what BuildKit passes on of one step is limited to 1 MB by the engine; the last row tells how much that is.)
              The times of the lines in the log give the rate. Its last 100 lines are asked for over the API 20 times a second, from the request to the last line.
            - **Neighbour**: 100 requests a second over kept connections for 30 s, then again while a build of another project keeps twice as many processes busy as there are processors. Limits of builds are the defaults.
            - **Many services**: ten projects of 100 services each, 10 with one replica and 90 with none, all with a route. Memory is that of a server which was started anew and has rested, with one known and with all. A pass is `GET /api/v1/drift`, which looks at everything before it answers.
            - **New domain**: each run deploys the same service with another host, which asks for TLS. Time counts from the end of that deployment until a GET over a new TLS connection, tried every 10 ms, is answered 200 with a certificate for that host. The authority is Debian's pebble
              on the same machine, which validates at once; its account is registered before the first run that counts.
            - **In a row**: two images take turns, over the API, each deployment begins when the one before has ended. Counted after 20 deployments and after 500 more, each time after a rest. Memory may be 20 MB more, since the garbage collector decides when it gives back what it has; handles 20 more, since idle connections come and go.
            - **Idle**: before everything else, one Compose project of 20 routed services; read after 60 s of silence, CPU over the next 30 s. Without systemd the supervisor is one more process, which is not counted here.

            """);
        return page.ToString();
    }

    private static IEnumerable<string> Lines(IReadOnlyList<Row> rows, string before)
    {
        var old = before.Split('\n').Where(l => l.StartsWith("| ", StringComparison.Ordinal)).Skip(2).ToList();
        var left = rows.ToList();
        foreach (var line in old)
        {
            var now = left.FirstOrDefault(r => line.StartsWith($"| {r.What} |", StringComparison.Ordinal));
            left.Remove(now!);
            yield return now?.ToString() ?? line;
        }

        foreach (var row in left)
        {
            yield return row.ToString();
        }
    }
}
