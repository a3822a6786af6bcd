using System.Globalization;
using Wherry.Bench.Load;
using Wherry.Client;

namespace Wherry.Bench.Measurements;

/// <summary>kill -9 of the server in the middle of a deployment, until the deployment goes on, with visitors of it and of a neighbour.</summary>
internal static class Recovery
{
    private const string TakenUp = "the server was restarted; going on";

    /// <summary>Beginnings of lines that tell of a step: one kill follows each.</summary>
    private static readonly string[] Moments = ["start web-", "wait until web-", "send traffic to web-", "remove web-"];

    public static async Task<IReadOnlyList<Row>> MeasureAsync(BenchHome bench, BenchOptions options, CancellationToken ct)
    {
        var (deployed, neighbour) = (await bench.ProjectAsync(ct), await bench.ProjectAsync(ct));
        await bench.ComposeAsync(deployed, Compose(deployed, 0), ct);
        await bench.ComposeAsync(neighbour, Compose(neighbour, 0), ct);
        FourLanes[] loads = [FourLanes.StartShort(bench.EdgeAddress, $"{deployed}.localhost", ct), FourLanes.StartShort(bench.EdgeAddress, $"{neighbour}.localhost", ct)];
        List<TimeSpan> takenUp = [], next = [];
        var kills = options.Small ? Moments.Length : 2 * Moments.Length;
        for (var kill = 0; kill < kills; kill++)
        {
            var took = await KillAsync(bench, deployed, kill, ct);
            takenUp.Add(took.TakenUp);
            next.Add(took.Next);
            Console.Error.WriteLine(Row.F($"  after \"{Moments[kill % Moments.Length]}\": taken up after {took.TakenUp.TotalMilliseconds:0} ms, next step after {took.Next.TotalMilliseconds:0} ms; {loads.Sum(l => l.Failures)} failed"));
        }

        var lanes = (await loads[0].StopAsync()).Zip(await loads[1].StopAsync()).ToList();
        await bench.RemoveAsync(deployed);
        await bench.RemoveAsync(neighbour);
        return
        [
            Row.Within("kill -9 of the server in the middle of a deployment, until the deployment is taken up again", takenUp, TimeSpan.FromSeconds(3), worst: true),
            Row.Within("The same until the first step after that is logged", next, TimeSpan.FromSeconds(3), worst: true),
            .. lanes.Select(l => l.First.ToRow($"{kills} such kills, visitors of the service that is deployed")),
            .. lanes.Select(l => l.Second.ToRow($"{kills} such kills, visitors of a neighbour")),
        ];
    }

    /// <summary>Kills at the moment, starts it again as its keeper does, and waits for the end of the deployment.</summary>
    private static async Task<(TimeSpan TakenUp, TimeSpan Next)> KillAsync(BenchHome bench, string project, int kill, CancellationToken ct)
    {
        var deployment = await bench.QueueAsync(project, Compose(project, kill + 1), ct);
        await foreach (var line in bench.Client.DeploymentLogAsync(deployment.Id, new LogQuery { Follow = true }, ct))
        {
            if (line.Text.StartsWith(Moments[kill % Moments.Length], StringComparison.Ordinal))
            {
                break;
            }
        }

        var killed = TimeProvider.System.GetUtcNow();
        await bench.Server.KillAsync();
        await Task.Delay(bench.KeeperWaits, ct);
        await bench.StartServerAsync(ct);
        await bench.EndAsync(await bench.Client.DeploymentAsync(deployment.Id, ct), ct);
        var after = new List<LogLine>();
        await foreach (var line in bench.Client.DeploymentLogAsync(deployment.Id, new LogQuery(), ct))
        {
            if (after.Count > 0 || line.Text == TakenUp)
            {
                after.Add(line);
            }
        }

        return after.Count > 1
            ? (after[0].At - killed, after[1].At - killed)
            : throw new InvalidOperationException($"{deployment.Id} had ended before the kill, or was not taken up");
    }

    private static string Compose(string project, int version) => string.Create(CultureInfo.InvariantCulture, $$"""
        services:
          web:
            image: {{BenchHome.Image(1 + (version % 2))}}
            deploy: { replicas: 2 }
            x-wherry:
              routes: [{ host: {{project}}.localhost, port: 3000 }]
              health: { path: /up, interval: 200ms }

        """);
}
