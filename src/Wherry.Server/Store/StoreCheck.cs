using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Wherry.Client;
using Wherry.Core.Deployments;
using Wherry.Core.Model;
using Wherry.Core.Planning;
using Wherry.Core.Problems;
using Wherry.Server.Deployments;
using Wherry.Server.Secrets;

namespace Wherry.Server.Store;

/// <summary>Looks whether everything in a store can still be used. Changes nothing; the server may run meanwhile.</summary>
public sealed class StoreCheck(Database database, Sealer sealer)
{
    /// <summary>Checks all of it.</summary>
    /// <exception cref="ProblemException"><c>store/newer</c>, <c>store/older</c>.</exception>
    public async Task<IReadOnlyList<DoctorCheck>> RunAsync(CancellationToken ct)
    {
        await StoreBackup.EnsureCurrentAsync(database, ct);
        return
        [
            Verdict("integrity", await database.ReadAsync(c => database.Dialect.DamageAsync(c, thorough: true, ct), ct), $"{database.Location} passes its integrity check", "Stop the server and restore the store from a backup."),
            await RowsAsync(ct),
            Verdict("references", await LostAsync(ct), "everything that is referred to is there", "Deploy the environment again, or restore the store from a backup."),
            await SealedAsync("variables", "SELECT 'variable ' || name, value FROM variable", static _ => true, ct),
            await SealedAsync("releases", "SELECT 'r' || number || ' of environment ' || environment_id, model FROM release", plain => Reads(plain, ModelJson.Default.ProjectModel), ct),
            await SealedAsync("inputs", "SELECT 'input of r' || number || ' of environment ' || environment_id, input FROM release", plain => Reads(plain, DeploymentJson.Default.ModelInput), ct),
            await SealedAsync("requests", "SELECT 'request of ' || id, request FROM deployment", plain => Reads(plain, DeploymentJson.Default.DeployIntent), ct),
            Verdict("deployments", await UnreadableAsync(ct), "every deployment and plan can be read", "Restore the store from a backup."),
        ];
    }

    private async Task<DoctorCheck> RowsAsync(CancellationToken ct)
    {
        try
        {
            long rows = 0;
            foreach (var table in await StoreRows.TablesAsync(database, ct))
            {
                rows += (await database.ReadAsync(c => StoreRows.SumAsync(c, null, table, ct), ct)).Rows;
            }

            return new("rows", "ok", $"all {rows} rows can be read", null);
        }
        catch (ProblemException e)
        {
            return new("rows", "problem", e.Problem.Message, e.Problem.Hint);
        }
    }

    private async Task<IReadOnlyList<string>> LostAsync(CancellationToken ct) =>
    [
        .. await database.QueryAsync<string>(
            "SELECT 'the current release r' || e.current_release || ' of environment ' || e.name || ' is gone' FROM environment e LEFT JOIN release r ON r.environment_id = e.id AND r.number = e.current_release WHERE e.current_release IS NOT NULL AND r.id IS NULL", null, ct),
        .. await database.QueryAsync<string>(
            "SELECT 'the release r' || d.release || ' of deployment ' || d.id || ' is gone' FROM deployment d LEFT JOIN release r ON r.environment_id = d.environment_id AND r.number = d.release WHERE d.release IS NOT NULL AND d.outcome IS NULL AND r.id IS NULL", null, ct),
    ];

    private async Task<IReadOnlyList<string>> UnreadableAsync(CancellationToken ct)
    {
        var rows = await database.QueryAsync<(string Id, string Kind, string Stage, string? Plan)>("SELECT id, kind, stage, plan FROM deployment", null, ct);
        return [.. rows.Where(r => !Enum.TryParse<DeploymentKind>(r.Kind, out _) || !Enum.TryParse<Stage>(r.Stage, out _) || (r.Plan is { } plan && !Reads(plan, PlanJson.Default.Plan))).Select(r => $"deployment {r.Id} cannot be read")];
    }

    private async Task<DoctorCheck> SealedAsync(string name, string sql, Func<byte[], bool> reads, CancellationToken ct)
    {
        var rows = await database.QueryAsync<(string About, byte[] Box)>(sql, null, ct);
        return Verdict(name, [.. rows.Where(r => !Opens(r.Box, reads)).Select(r => $"{r.About} cannot be read")], $"all {rows.Count} sealed {name} open with the key", "Put back the keys/secrets.key that this store was written with.");
    }

    private bool Opens(byte[] box, Func<byte[], bool> reads)
    {
        try
        {
            return reads(sealer.Unseal(box));
        }
        catch (ProblemException)
        {
            return false;
        }
    }

    private static bool Reads<T>(byte[] plain, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(plain, type) is not null;
        }
        catch (Exception e) when (e is JsonException or ProblemException or NotSupportedException)
        {
            return false;
        }
    }

    private static bool Reads<T>(string text, JsonTypeInfo<T> type) => Reads(System.Text.Encoding.UTF8.GetBytes(text), type);

    private static DoctorCheck Verdict(string name, IReadOnlyList<string> found, string good, string mend) => found switch
    {
        [] => new(name, "ok", good, null),
        [var only] => new(name, "problem", only, mend),
        [var first, ..] => new(name, "problem", $"{first}, and {found.Count - 1} more", mend),
    };
}
