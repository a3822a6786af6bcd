using System.Diagnostics.Metrics;
using Wherry.Core.Problems;
using Wherry.Server.Environments;
using Wherry.Server.Services;
using Wherry.Server.Store;

namespace Wherry.Server.Metrics;

/// <summary>What is looked up when somebody asks for it: the queue, and what should run and does.</summary>
internal sealed class ServerNumbers : IDisposable
{
    private readonly Database _database;
    private readonly EnvironmentStore _environments;
    private readonly ServiceView _view;
    private readonly TimeProvider _time;
    private readonly Meter _meter;
    private Numbers _last = Numbers.Unknown;

    public ServerNumbers(Database database, EnvironmentStore environments, ServiceView view, TimeProvider time)
    {
        (_database, _environments, _view, _time) = (database, environments, view, time);
        _meter = new Meter(new MeterOptions(ServerMeter.Name) { Scope = this });
        _meter.CreateObservableGauge("wherry.deployment.queue.length", () => _last.Waiting, null, "Deployments that wait for their turn.");
        _meter.CreateObservableGauge("wherry.deployment.queue.age", () => _last.OldestSeconds, "s", "How long the oldest of them waits.");
        _meter.CreateObservableGauge("wherry.engine.up", () => _last.Engine, null, "1 when the Docker Engine answers.");
        _meter.CreateObservableGauge("wherry.edge.up", () => _last.Edge, null, "1 when the edge answers.");
        _meter.CreateObservableGauge("wherry.replicas.wanted", () => _last.Replicas.Select(r => Of(r, r.Wanted)), null, "Replicas that should run, by environment.");
        _meter.CreateObservableGauge("wherry.replicas.running", () => _last.Replicas.Select(r => Of(r, r.Running)), null, "Replicas that run, by environment.");
    }

    /// <summary>Looks everything up again.</summary>
    public async Task RefreshAsync(CancellationToken ct)
    {
        var (waiting, oldest) = (await _database.QueryAsync<(long Waiting, long Oldest)>("SELECT COUNT(*), COALESCE(MIN(queued_at), 0) FROM deployment WHERE outcome IS NULL AND started_at IS NULL", null, ct))[0];
        var numbers = new Numbers(waiting, waiting == 0 ? 0 : Math.Max(0, (_time.GetUtcNow() - oldest.FromStore()).TotalSeconds), 0, 0, []);
        try
        {
            var seen = await _view.LookAsync(null, ct);
            var replicas = new List<EnvironmentReplicas>();
            foreach (var environment in await _environments.AllAsync(ct))
            {
                var services = await _view.OfAsync(environment, seen, ct);
                replicas.Add(new(environment.Project.Value, environment.Name.Value, services.Sum(s => s.Wanted), services.Sum(s => s.Replicas.Count(r => r.State == "running"))));
            }

            numbers = numbers with { Engine = 1, Edge = seen.Edge is null ? 0 : 1, Replicas = replicas };
        }
        catch (ProblemException)
        {
            // The engine does not answer, which is what the number for it says.
        }

        _last = numbers;
    }

    public void Dispose() => _meter.Dispose();

    private static Measurement<long> Of(EnvironmentReplicas at, long value) => new(value, new("project", at.Project), new("environment", at.Environment));

    private sealed record EnvironmentReplicas(string Project, string Environment, long Wanted, long Running);

    private sealed record Numbers(long Waiting, double OldestSeconds, long Engine, long Edge, IReadOnlyList<EnvironmentReplicas> Replicas)
    {
        public static Numbers Unknown { get; } = new(0, 0, 0, 0, []);
    }
}
