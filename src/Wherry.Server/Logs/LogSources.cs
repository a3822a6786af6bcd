using Wherry.Core.Problems;
using Wherry.Server.Deployments;
using Wherry.Server.Environments;
using Wherry.Server.Store;

namespace Wherry.Server.Logs;

/// <summary>Finds the logs that a team may read.</summary>
internal sealed class LogSources(DeploymentStore deployments, EnvironmentStore environments, LogStore logs, LogStreamer streamer)
{
    public LogStreamer Streamer => streamer;

    /// <returns>The log, and whether its deployment has ended.</returns>
    /// <exception cref="ProblemException"><c>deployment/not-found</c>.</exception>
    public async Task<(LogLease Log, bool Ended)> DeploymentAsync(TeamId team, string id, CancellationToken ct)
    {
        var row = await deployments.GetAsync(team, id, ct);
        return (logs.OpenToRead(row.Project, row.Environment, row.Id), row.FinishedAt is not null);
    }

    /// <exception cref="ProblemException"><c>project/not-found</c>, <c>environment/not-found</c>, or a name is wrong.</exception>
    public async Task<LogLease> ReplicasAsync(TeamId team, string project, string environment, CancellationToken ct)
    {
        var found = await environments.GetAsync(team, project, environment, ct);
        return logs.OpenReplicas(found.Project.Value, found.Name.Value, writes: false);
    }
}
