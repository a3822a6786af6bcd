using System.Diagnostics;
using System.Text;

namespace Wherry.Bench.Measurements;

/// <summary>What server and edge take while 20 services run and nobody asks anything.</summary>
internal static class IdleCost
{
    private const int Services = 20;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(30);

    public static async Task<IReadOnlyList<Row>> MeasureAsync(BenchHome bench, BenchOptions options, CancellationToken ct)
    {
        var project = await bench.ProjectAsync(ct);
        await bench.ComposeAsync(project, Compose(project), ct);
        await Task.Delay(options.Settle, ct);

        Role[] roles = [bench.Server, bench.Edge];
        var before = roles.Select(r => r.ProcessorTime()).ToList();
        var began = Stopwatch.GetTimestamp();
        await Task.Delay(Window, ct);
        var window = Stopwatch.GetElapsedTime(began);
        var share = roles.Select((r, i) => 100 * (r.ProcessorTime() - before[i]) / window).ToList();
        var resident = roles.Select(r => r.ResidentMb()).ToList();
        var together = Role.TogetherMb(roles);
        await bench.RemoveAsync(project);
        return
        [
            new("Idle memory with 20 services, resident together: a page that server and edge share counts once", Row.F($"{together:0} MB"), "", "", "150 MB", together <= 150),
            new("The same, each by itself (RSS)", Row.F($"server {resident[0]:0} MB, edge {resident[1]:0} MB"), "", "", "", true),
            new("Idle CPU with 20 services", Row.F($"{share.Sum():0.00} % of a core (server {share[0]:0.00}, edge {share[1]:0.00})"), "", "", "1 %", share.Sum() < 1),
        ];
    }

    private static string Compose(string project)
    {
        var text = new StringBuilder("services:\n");
        for (var i = 1; i <= Services; i++)
        {
            text.Append($$"""
                  s{{i}}:
                    image: busybox:latest
                    command: ["/bin/busybox", "httpd", "-f", "-p", "8080", "-h", "/"]
                    stop_signal: SIGKILL
                    x-wherry:
                      routes: [{ host: s{{i}}.{{project}}.localhost, port: 8080 }]

                """);
        }

        return text.ToString();
    }
}
