using Wherry.Client;

namespace Wherry.Bench.Measurements;

/// <summary>Deployments in a row, as fast as they go: what is left of them.</summary>
internal static class DeploysInARow
{
    private const int MoreMb = 20;
    private const int MoreHandles = 20;

    public static async Task<IReadOnlyList<Row>> MeasureAsync(BenchHome bench, BenchOptions options, CancellationToken ct)
    {
        var deploys = options.Small ? 20 : 500;
        await bench.BuildTinyAsync(ct);
        var project = await bench.ProjectAsync(ct);
        for (var i = 0; i < (options.Small ? 4 : 20); i++)
        {
            await DeployAsync(bench, project, i, ct); // until code and pools are as they stay
        }

        var before = await CountAsync(bench, options, project, ct);
        for (var i = 0; i < deploys; i++)
        {
            await DeployAsync(bench, project, i, ct);
            if ((i + 1) % 50 == 0)
            {
                Console.Error.WriteLine(Row.F($"  deploy {i + 1}: server {bench.Server.ResidentMb():0} MB"));
            }
        }

        var after = await CountAsync(bench, options, project, ct);
        await bench.RemoveAsync(project);
        var what = $"{deploys} deploys in a row, before and after";
        return
        [
            Grown($"{what}: memory of the server (MB, after {options.Settle.TotalSeconds:0} s of rest)", before.ServerMb, after.ServerMb, MoreMb),
            Grown($"{what}: memory of the edge (MB)", before.EdgeMb, after.EdgeMb, MoreMb),
            Grown($"{what}: file handles of the server", before.ServerHandles, after.ServerHandles, MoreHandles),
            Grown($"{what}: file handles of the edge", before.EdgeHandles, after.EdgeHandles, MoreHandles),
            new($"{what}: containers, networks, volumes and images on the engine", $"{before.Objects}; {after.Objects}", "", "", "the same", before.Objects == after.Objects),
        ];
    }

    private static Row Grown(string what, double before, double after, int more) => new(what, Row.F($"{before:0}; {after:0}"), "", "", $"{more} more", after <= before + more);

    private static async Task DeployAsync(BenchHome bench, string project, int number, CancellationToken ct) =>
        await bench.EndAsync(await bench.Client.DeployAsync(project, "production", new DeployRequest { Image = BenchHome.TinyImage(1 + (number % 2)) }, ct), ct);

    private static async Task<Counts> CountAsync(BenchHome bench, BenchOptions options, string project, CancellationToken ct)
    {
        await Task.Delay(options.Settle, ct);
        var labels = new Dictionary<string, string?> { ["wherry.project"] = project };
        return new(
            bench.Server.ResidentMb(),
            bench.Edge.ResidentMb(),
            bench.Server.Handles(),
            bench.Edge.Handles(),
            new((await bench.Engine.Containers.ListAsync(labels, all: true, ct)).Count, (await bench.Engine.Networks.ListAsync(labels, ct)).Count, (await bench.Engine.Volumes.ListAsync(labels, ct)).Count, (await bench.Engine.Images.ListAsync(labels, ct)).Count));
    }

    private sealed record Counts(double ServerMb, double EdgeMb, int ServerHandles, int EdgeHandles, Objects Objects);

    private sealed record Objects(int Containers, int Networks, int Volumes, int Images)
    {
        public override string ToString() => $"{Containers}, {Networks}, {Volumes}, {Images}";
    }
}
