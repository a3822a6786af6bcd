namespace Wherry.Server.Logs;

/// <summary>How much of the logs is kept.</summary>
public sealed record LogOptions
{
    /// <summary>Size at which a log goes on in a new file. Default 4 MB.</summary>
    public long MaxSegmentBytes { get; init; } = 4 << 20;

    /// <summary>Size of one log; the oldest segments go first. Default 64 MB: of an environment's replicas together, or of one deployment.</summary>
    public long MaxBytes { get; init; } = 64 << 20;

    /// <summary>Lines of replicas that are older than this go, a segment at a time. Default 30 days.</summary>
    public TimeSpan KeepReplicaLogsFor { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Logs of deployments that ended longer ago than this go. Default 90 days.</summary>
    public TimeSpan KeepDeploymentLogsFor { get; init; } = TimeSpan.FromDays(90);

    /// <summary>Pause between looks for what may go. Default 1 h.</summary>
    public TimeSpan RetentionEvery { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Pause after which an empty line is sent to a follower, so that nothing in between takes the connection for dead. Default 15 s.</summary>
    public TimeSpan KeepAliveEvery { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Longest text of one line; a longer one is split. 16 KB.</summary>
    public const int MaxLineBytes = 16 << 10;
}
