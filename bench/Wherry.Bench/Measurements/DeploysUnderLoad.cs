using Wherry.Bench.Load;

namespace Wherry.Bench.Measurements;

/// <summary>Deploys in a row while four kinds of visitors come at once.</summary>
internal static class DeploysUnderLoad
{
    private static readonly TimeSpan DrainFor = TimeSpan.FromSeconds(3);

    public static async Task<IReadOnlyList<Row>> MeasureAsync(BenchHome bench, BenchOptions options, CancellationToken ct)
    {
        var project = await bench.ProjectAsync(ct);
        await bench.ComposeAsync(project, Compose(project, 1), ct);
        var load = FourLanes.Start(bench.EdgeAddress, $"{project}.localhost", DrainFor, ct);
        for (var deploy = 1; deploy <= options.Deploys; deploy++)
        {
            await bench.ComposeAsync(project, Compose(project, 1 + (deploy % 2)), ct);
            Console.Error.WriteLine($"  deploy {deploy}: {load.Failures} failed");
        }

        var lanes = await load.StopAsync();
        await bench.RemoveAsync(project);
        return [.. lanes.Select(l => l.ToRow($"{options.Deploys} deploys in a row"))];
    }

    private static string Compose(string project, int version) => $$"""
        services:
          web:
            image: {{BenchHome.Image(version)}}
            x-wherry:
              routes: [{ host: {{project}}.localhost, port: 3000 }]
              deploy: { drain: {{DrainFor.TotalSeconds}}s }

        """;
}
