using Wherry.Server.Environments;

namespace Wherry.Server.Logs;

/// <summary>Deletes logs that are too old, and those of environments that no longer exist.</summary>
internal sealed partial class LogRetention(EnvironmentStore environments, LogStore logs, ServerOptions server, LogOptions options, TimeProvider time, ILogger<LogRetention> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.RetentionEvery, time);
        do
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (IOException e)
            {
                LogFailed(e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>One look at all logs.</summary>
    internal async Task SweepAsync(CancellationToken ct)
    {
        // Listed before the store is asked: an environment made in between is in neither.
        var folders = Directory.EnumerateDirectories(server.Logs).SelectMany(Directory.EnumerateDirectories).ToList();
        var known = (await environments.AllAsync(ct)).Select(e => (e.Project.Value, e.Name.Value)).ToHashSet(); // of all teams: the folders are
        foreach (var folder in folders)
        {
            var (project, environment) = (Path.GetFileName(Path.GetDirectoryName(folder)!), Path.GetFileName(folder));
            if (!known.Contains((project, environment)))
            {
                LogRemoved(project, environment);
                logs.Remove(project, environment);
                continue;
            }

            using (var replicas = logs.OpenReplicas(project, environment, writes: false))
            {
                replicas.Log.DropBefore(time.GetUtcNow() - options.KeepReplicaLogsFor);
            }

            DropDeployments(logs.DeploymentsFolder(project, environment), time.GetUtcNow() - options.KeepDeploymentLogsFor);
        }
    }

    private void DropDeployments(string folder, DateTimeOffset oldest)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        foreach (var deployment in Directory.EnumerateDirectories(folder).Where(d => !logs.IsOpen(d)))
        {
            var written = Directory.EnumerateFiles(deployment).Select(File.GetLastWriteTimeUtc).DefaultIfEmpty(Directory.GetLastWriteTimeUtc(deployment)).Max();
            if (written < oldest.UtcDateTime)
            {
                logs.RemoveFolder(deployment);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Logs of {Project}/{Environment} are deleted: the environment is gone")]
    private partial void LogRemoved(string project, string environment);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old logs could not be deleted; the next try is in an hour")]
    private partial void LogFailed(Exception exception);
}
