
namespace Wherry.Server.Logs;

/// <summary>All logs in the state folder: <c>logs/PROJECT/ENVIRONMENT/deployments/ID</c> and <c>logs/PROJECT/ENVIRONMENT/replicas</c>. The replicas of an
/// environment share one log, so that merging them and going on at an offset are one thing; a service's log is a filter on it.</summary>
public sealed class LogStore(ServerOptions server, LogOptions options, TimeProvider time, ILogger<LogStore> logger)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, OpenLog> _open = new(StringComparer.Ordinal);

    /// <summary>The log of a deployment, to write to; a deployment that goes on after a restart goes on with its log. Dispose it or <see cref="DeploymentLog.Complete"/> it.</summary>
    public DeploymentLog OpenDeployment(string project, string environment, string id, SecretMask mask) =>
        new(Lease(DeploymentFolder(project, environment, id), writes: true), mask, time, logger);

    /// <summary>The log of an environment's replicas.</summary>
    internal LogLease OpenReplicas(string project, string environment, bool writes) => Lease(ReplicasFolder(project, environment), writes);

    /// <summary>The log of a deployment, to read from.</summary>
    internal LogLease OpenToRead(string project, string environment, string deployment) => Lease(DeploymentFolder(project, environment, deployment), writes: false);

    /// <summary>Deletes all logs of an environment, for when it is removed. Those who still read get what they have open.</summary>
    public void Remove(string project, string environment) => RemoveFolder(EnvironmentFolder(project, environment));

    /// <summary>Deletes all logs of a project.</summary>
    public void Remove(string project) => RemoveFolder(Inside(server.Logs, project));

    internal string EnvironmentFolder(string project, string environment) => Inside(Inside(server.Logs, project), environment);

    internal string ReplicasFolder(string project, string environment) => Path.Combine(EnvironmentFolder(project, environment), "replicas");

    internal string DeploymentsFolder(string project, string environment) => Path.Combine(EnvironmentFolder(project, environment), "deployments");

    /// <summary>Whether somebody reads or writes the log in this folder.</summary>
    internal bool IsOpen(string folder)
    {
        lock (_lock)
        {
            return _open.ContainsKey(folder);
        }
    }

    internal void RemoveFolder(string folder)
    {
        lock (_lock)
        {
            foreach (var (path, open) in _open.Where(o => o.Key == folder || o.Key.StartsWith(folder + "/", StringComparison.Ordinal)).ToList())
            {
                _open.Remove(path);
                open.Log.Close();
            }

            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private string DeploymentFolder(string project, string environment, string id) => Inside(DeploymentsFolder(project, environment), id);

    private LogLease Lease(string folder, bool writes)
    {
        lock (_lock)
        {
            if (!_open.TryGetValue(folder, out var open))
            {
                _open[folder] = open = new OpenLog(SegmentLog.Open(folder, options));
            }

            open.Leases++;
            open.Writers += writes ? 1 : 0;
            return new LogLease(open.Log, () => open.Writers > 0, () => Return(folder, open, writes));
        }
    }

    private void Return(string folder, OpenLog open, bool writes)
    {
        lock (_lock)
        {
            open.Writers -= writes ? 1 : 0;
            if (--open.Leases == 0)
            {
                open.Log.Dispose();
                if (_open.TryGetValue(folder, out var current) && current == open)
                {
                    _open.Remove(folder);
                }
            }
        }
    }

    /// <summary>Names come validated from the store; this holds if one ever does not.</summary>
    private static string Inside(string folder, string name) => name is "" or "." or ".." || name.AsSpan().ContainsAny('/', '\0')
        ? throw new ArgumentException($"\"{name}\" is not a name for a folder of logs.", nameof(name))
        : Path.Combine(folder, name);

    private sealed class OpenLog(SegmentLog log)
    {
        public SegmentLog Log => log;

        public int Leases { get; set; }

        public int Writers { get; set; }
    }
}

/// <summary>A log while somebody uses it; the last one to dispose closes it.</summary>
internal sealed class LogLease(SegmentLog log, Func<bool> hasWriter, Action giveBack) : IDisposable
{
    private Action? _giveBack = giveBack;

    public SegmentLog Log => log;

    /// <summary>Whether somebody in this process still writes to it.</summary>
    public bool HasWriter => hasWriter();

    public void Dispose() => Interlocked.Exchange(ref _giveBack, null)?.Invoke();
}
