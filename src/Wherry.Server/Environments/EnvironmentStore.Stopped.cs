using Wherry.Core.Model;

namespace Wherry.Server.Environments;

/// <summary>Services that were stopped by hand while others of their environment run on.</summary>
public sealed partial class EnvironmentStore
{
    public async Task<IReadOnlySet<ServiceName>> StoppedServicesAsync(EnvironmentRef environment, CancellationToken ct) =>
        (await database.For(environment.Team).QueryAsync<string>("SELECT service FROM stopped_service WHERE team_id = @team AND environment_id = @id", new { id = environment.Id }, ct)).Select(ServiceName.Parse).ToHashSet();

    public async Task<bool> IsStoppedAsync(EnvironmentRef environment, CancellationToken ct) =>
        await database.For(environment.Team).FindAsync<long>("SELECT stopped FROM environment WHERE team_id = @team AND id = @id", new { id = environment.Id }, ct) != 0;

    public Task StopServicesAsync(EnvironmentRef environment, IEnumerable<ServiceName> services, CancellationToken ct) => database.For(environment.Team).TransactAsync(async t =>
    {
        var added = 0;
        foreach (var service in services)
        {
            added += await t.ExecuteAsync(
                "INSERT INTO stopped_service (team_id, environment_id, service) VALUES (@team, @id, @service) ON CONFLICT (environment_id, service) DO NOTHING", new { id = environment.Id, service = service.Value });
        }

        return added;
    }, ct);

    /// <param name="environment">Where.</param>
    /// <param name="services">Those that run again; <see langword="null"/> is all.</param>
    /// <param name="ct">Cancels the change.</param>
    public Task UnstopServicesAsync(EnvironmentRef environment, IReadOnlyList<string>? services, CancellationToken ct) => database.For(environment.Team).ExecuteAsync(
        services is null ? "DELETE FROM stopped_service WHERE team_id = @team AND environment_id = @id" : "DELETE FROM stopped_service WHERE team_id = @team AND environment_id = @id AND service IN @services",
        new { id = environment.Id, services }, ct);

    /// <summary>Notes what a stop or a start of some services means for the others.</summary>
    public async Task NoteStoppedAsync(EnvironmentRef environment, bool started, IReadOnlyList<string> services, IEnumerable<ServiceName> all, CancellationToken ct)
    {
        if (services.Count == 0)
        {
            await UnstopServicesAsync(environment, null, ct); // the environment itself is stopped, or all of it runs
        }
        else if (!started)
        {
            await StopServicesAsync(environment, services.Select(ServiceName.Parse), ct);
        }
        else
        {
            await UnstopServicesAsync(environment, services, ct);
            await StopServicesAsync(environment, await IsStoppedAsync(environment, ct) ? all.Where(s => !services.Contains(s.Value)) : [], ct);
        }
    }

    /// <summary>Takes over that a service runs; what else is stopped stays so.</summary>
    public async Task ResumeServiceAsync(EnvironmentRef environment, ServiceName service, IEnumerable<ServiceName> all, CancellationToken ct)
    {
        await NoteStoppedAsync(environment, started: true, [service.Value], all, ct);
        await SetStoppedAsync(environment, false, ct);
    }
}
