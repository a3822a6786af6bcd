using System.Globalization;
using Wherry.Client;
using Wherry.Core.Problems;
using Wherry.Core.Routing;
using Wherry.Server.Deployments;

namespace Wherry.Server.Receipts;

/// <summary>Begins a deployment's notes and makes its receipt of them.</summary>
internal sealed class ReceiptWriter(EdgeClient edge, ReceiptStore store, DeploymentStore deployments, TimeProvider time)
{
    /// <summary>Notes the traffic from which on is counted, or takes up the notes of an earlier process.</summary>
    public async Task BeginAsync(DeploymentRun run, CancellationToken ct)
    {
        if (run.TakenUp && await store.FindNotesAsync(run.Environment.Team, run.State.Id, ct) is { } notes)
        {
            run.Watch.Notes = notes;
            run.Watch.Remember(run.State.Plan, await deployments.StepsAsync(run.Environment.Team, run.State.Id, ct));
            return;
        }

        run.Watch.Notes.Traffic = await FindTrafficAsync(run, ct);
    }

    /// <summary>Keeps the notes, so that a restart does not lose what was done before it.</summary>
    public Task NoteAsync(DeploymentRun run, CancellationToken ct) => store.NoteAsync(run.Environment.Team, run.State.Id, run.Watch.Notes, ct);

    /// <summary>Writes the receipt; asked again, it writes it anew.</summary>
    public async Task<Receipt> CloseAsync(DeploymentRun run, Problem? problem, CancellationToken ct)
    {
        var (team, notes) = (run.Environment.Team, run.Watch.Notes);
        var row = await deployments.GetAsync(team, run.State.Id, ct);
        var started = row.StartedAt ?? row.QueuedAt;
        var receipt = new Receipt(
            Seconds(time.GetUtcNow().ToUnixTimeMilliseconds() - started),
            Seconds(started - row.QueuedAt),
            [.. notes.Steps, .. run.Watch.Unfinished(problem)],
            Between(notes.Traffic, await FindTrafficAsync(run, ct)),
            notes.Builds,
            notes.Kept);
        await store.SaveAsync(team, run.State.Id, receipt, ct);
        return receipt;
    }

    /// <summary>The short version, for the last line of the log: <c> after 4.1 s, without interruption; 2,113 requests served meanwhile, 0 failed</c>.</summary>
    public static string Short(Receipt receipt, string noticed) => string.Create(
        CultureInfo.InvariantCulture,
        $" after {receipt.Seconds:0.0} s{noticed}{(receipt.Traffic is { } traffic ? $"; {traffic.Served:N0} requests served meanwhile, {traffic.Failed:N0} failed" : "")}");

    private async Task<Dictionary<string, TrafficTotal>?> FindTrafficAsync(DeploymentRun run, CancellationToken ct)
    {
        try
        {
            var prefix = EdgeClient.KeyPrefix(run.Environment);
            return (await edge.ListAsync(ct)).Where(s => s.Key.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(s => s.Key, s => s.Traffic);
        }
        catch (ProblemException e) when (e.Problem.Code == "edge/unreachable")
        {
            return null; // A receipt is not worth waiting for the edge.
        }
    }

    private static ReceiptTraffic? Between(Dictionary<string, TrafficTotal>? before, Dictionary<string, TrafficTotal>? after)
    {
        if (before is null || after is not { Count: > 0 })
        {
            return null;
        }

        var grown = after.Select(s => s.Value.Since(before.GetValueOrDefault(s.Key, TrafficTotal.None))).ToList();
        return new ReceiptTraffic(grown.Sum(t => t.Requests - t.Failed), grown.Sum(t => t.Failed));
    }

    private static double Seconds(long milliseconds) => Math.Max(0, milliseconds) / 1000.0;
}
