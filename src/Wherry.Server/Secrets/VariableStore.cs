using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Server.Environments;
using Wherry.Server.Store;

namespace Wherry.Server.Secrets;

/// <summary>Variables and secrets of an environment, all sealed.</summary>
public sealed class VariableStore(Database database, Sealer sealer, TimeProvider time)
{
    /// <summary>With their values: for deployments, never for an answer.</summary>
    public async Task<Variables> ReadAsync(EnvironmentRef environment, CancellationToken ct)
    {
        var rows = await RowsAsync(environment, ct);
        return new Variables([.. rows.Select(r => new VariableValue(r.Service, r.Name, sealer.UnsealText(r.Value), r.Secret != 0, r.ChangedAt.FromStore()))]);
    }

    /// <summary>Sets and removes in one step; all or nothing.</summary>
    /// <exception cref="ProblemException"><c>variable/not-found</c> when one to remove is not there.</exception>
    public Task ChangeAsync(EnvironmentRef environment, string service, IReadOnlyDictionary<VariableName, string> set, IReadOnlyList<VariableName> remove, bool secret, CancellationToken ct) =>
        database.For(environment.Team).TransactAsync(async t =>
        {
            foreach (var (name, value) in set)
            {
                await t.ExecuteAsync(
                    """
                    INSERT INTO variable (team_id, environment_id, service, name, value, secret, changed_at) VALUES (@team, @id, @service, @name, @value, @secret, @now)
                    ON CONFLICT (environment_id, service, name) DO UPDATE SET value = excluded.value, secret = CASE WHEN variable.secret > excluded.secret THEN variable.secret ELSE excluded.secret END, changed_at = excluded.changed_at WHERE variable.team_id = @team
                    """,
                    new { id = environment.Id, service, name = name.Value, value = sealer.Seal(value), secret, now = time.GetUtcNow().ToStore() });
            }

            foreach (var name in remove)
            {
                if (await t.ExecuteAsync("DELETE FROM variable WHERE team_id = @team AND environment_id = @id AND service = @service AND name = @name", new { id = environment.Id, service, name = name.Value }) == 0)
                {
                    throw new Problem("variable/not-found", $"{environment} has no variable {name}{(service.Length > 0 ? $" for {service}" : "")}.", "Nothing was changed. `wherry env list` lists what there is.").AsException();
                }
            }

            return set.Count + remove.Count;
        }, ct);

    private Task<IReadOnlyList<Row>> RowsAsync(EnvironmentRef environment, CancellationToken ct) => database.For(environment.Team).QueryAsync<Row>(
        "SELECT service, name, value, secret, changed_at AS ChangedAt FROM variable WHERE team_id = @team AND environment_id = @id ORDER BY service, name", new { id = environment.Id }, ct);

    private sealed record Row(string Service, string Name, byte[] Value, long Secret, long ChangedAt);
}

/// <param name="Service">Empty: of the whole environment.</param>
public sealed record VariableValue(string Service, string Name, string Value, bool Secret, DateTimeOffset ChangedAt);

/// <summary>The variables of an environment, with their values.</summary>
public sealed record Variables(IReadOnlyList<VariableValue> All)
{
    /// <summary>Those of the whole environment: what interpolation sees.</summary>
    public IReadOnlyDictionary<string, string> Shared => All.Where(v => v.Service.Length == 0).ToDictionary(v => v.Name, v => v.Value);

    /// <summary>Values that no log and no plan may show.</summary>
    public IEnumerable<string> SecretValues => All.Where(v => v.Secret).Select(v => v.Value);

    /// <summary>Those handed to one service directly.</summary>
    public IReadOnlyDictionary<string, string> Of(string service) => All.Where(v => v.Service == service && service.Length > 0).ToDictionary(v => v.Name, v => v.Value);
}
