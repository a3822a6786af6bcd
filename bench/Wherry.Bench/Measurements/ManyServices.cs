using System.Diagnostics;
using System.Text;

namespace Wherry.Bench.Measurements;

/// <summary>1,000 services known and 100 running, in ten projects: what looking at them costs.</summary>
internal static class ManyServices
{
    private const int Projects = 10;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(30);

    public static async Task<IReadOnlyList<Row>> MeasureAsync(BenchHome bench, BenchOptions options, CancellationToken ct)
    {
        var (known, running) = options.Small ? (10, 2) : (100, 10);
        await bench.BuildTinyAsync(ct);
        List<string> projects = [await bench.ProjectAsync(ct)];
        await bench.ComposeAsync(projects[0], Compose(projects[0], 1, 1), ct);
        var one = await FreshAsync(bench, options, ct); // with the code that looks at services loaded
        for (var i = 0; i < Projects; i++)
        {
            if (i > 0)
            {
                projects.Add(await bench.ProjectAsync(ct));
            }

            await bench.ComposeAsync(projects[^1], Compose(projects[^1], known, running), ct);
            Console.Error.WriteLine($"  project {i + 1}: {known} services, {running} of them running");
        }

        var full = await FreshAsync(bench, options, ct);
        var before = bench.Server.ProcessorTime();
        var began = Stopwatch.GetTimestamp();
        await Task.Delay(Window, ct);
        var share = 100 * (bench.Server.ProcessorTime() - before) / Stopwatch.GetElapsedTime(began);
        var status = await TimesAsync(options.Runs, () => bench.CliAsync(ct, "status"));
        var passes = await TimesAsync(options.Runs, () => PassAsync(bench, ct));
        foreach (var project in projects)
        {
            await bench.RemoveAsync(project);
        }

        var what = $"{Projects * known} services known, {Projects * running} running";
        var grown = 1024 * (full - one) / ((Projects * known) - 1);
        return
        [
            Row.Within($"{what}: `wherry status`", status, TimeSpan.FromMilliseconds(500)),
            Row.Within($"{what}: a full reconcile pass, asked for over the API", passes, TimeSpan.FromMilliseconds(500)),
            new($"{what}: idle CPU of the server", Row.F($"{share:0.00} % of a core"), "", "", "2 %", share < 2),
            new($"{what}: memory of the server, freshly started, beside one known", Row.F($"{full:0} MB, with one {one:0} MB: {grown:0.0} KB a service"), "", "", "40 KB a service", grown < 40),
        ];
    }

    /// <summary>Resident memory of a server that was started anew: what it did before is not counted.</summary>
    private static async Task<double> FreshAsync(BenchHome bench, BenchOptions options, CancellationToken ct)
    {
        await bench.Server.KillAsync();
        await bench.StartServerAsync(ct);
        await bench.CliAsync(ct, "status"); // it has answered a client, and looked at everything
        await bench.Client.DriftAsync(null, ct);
        await Task.Delay(options.Settle, ct);
        return bench.Server.ResidentMb();
    }

    /// <summary><c>GET /drift</c> looks at everything before it answers.</summary>
    private static async Task<TimeSpan> PassAsync(BenchHome bench, CancellationToken ct)
    {
        var began = Stopwatch.GetTimestamp();
        var found = await bench.Client.DriftAsync(null, ct);
        return found.Count == 0 ? Stopwatch.GetElapsedTime(began) : throw new InvalidOperationException($"{found.Count} things are not as they should: {found[0]}");
    }

    private static async Task<IReadOnlyList<TimeSpan>> TimesAsync(int runs, Func<Task<TimeSpan>> run)
    {
        await run(); // warms up
        var took = new List<TimeSpan>();
        for (var i = 0; i < runs; i++)
        {
            took.Add(await run());
        }

        return took;
    }

    private static string Compose(string project, int known, int running)
    {
        var text = new StringBuilder("services:\n");
        for (var i = 1; i <= known; i++)
        {
            text.Append($$"""
                  s{{i}}:
                    image: {{BenchHome.TinyImage(1)}}
                    environment: { NUMBER: "{{i}}" }
                    deploy: { replicas: {{(i <= running ? 1 : 0)}} }
                    x-wherry:
                      routes: [{ host: s{{i}}.{{project}}.localhost, port: 8080 }]

                """);
        }

        return text.ToString();
    }
}
