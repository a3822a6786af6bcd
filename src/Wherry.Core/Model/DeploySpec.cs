namespace Wherry.Core.Model;

/// <summary>How the replicas of a service are replaced.</summary>
public enum DeployStrategy
{
    /// <summary>New replicas start beside the old ones, <see cref="DeploySpec.Surge"/> at a time. The default.</summary>
    Rolling,

    /// <summary>All new replicas start beside all old ones, then traffic moves in one step.</summary>
    BlueGreen,

    /// <summary>The old replicas are stopped first. For what cannot run twice: an exclusive volume, a host port.</summary>
    Recreate,
}

/// <summary>What happens when a new replica is not well while a service is replaced.</summary>
public enum FailureAction
{
    /// <summary>The release before is put back. The default.</summary>
    Rollback,

    /// <summary>Everything stays as it is, for a person to look at; the deployment ends with the problem.</summary>
    Pause,

    /// <summary>It gets no traffic and is told; the deployment goes on with the others.</summary>
    Continue,
}

/// <summary><c>x-wherry.deploy</c>, and what <c>deploy.update_config</c> says of the same.</summary>
/// <remarks>What was added later is <c>set</c>, not <c>init</c>: the generated JSON reader gives an <c>init</c> property that an older release leaves out the type's zero, not its default.</remarks>
public sealed record DeploySpec
{
    /// <summary><see langword="null"/>: recreate when the service binds a host port or is one replica with a named volume, else rolling.</summary>
    public DeployStrategy? Strategy { get; init; }

    /// <summary>Replicas above the wanted count while rolling. Default 1.</summary>
    public int Surge { get; init; } = 1;

    /// <summary>Time that requests in flight on the old replicas get. Default 30 s.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Releases whose images are kept for rolling back, beside the current one. Default 5.</summary>
    public int Keep { get; init; } = 5;

    /// <summary>The rollout fails when no new replica became healthy for this long. Default 10 min.</summary>
    public TimeSpan ProgressDeadline { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Time that a new replica must stay healthy on end, before its traffic and again after it. Default 0.</summary>
    public TimeSpan Monitor { get; set; }

    /// <summary>Default: rollback.</summary>
    public FailureAction FailureAction { get; set; }

    /// <summary>New replicas that serve beside all old ones until they are promoted. Default 0: none.</summary>
    public int Canary { get; set; }

    /// <summary>Canaries are promoted when all of them have been healthy for <see cref="Monitor"/>. Default: a person does it.</summary>
    public bool AutoPromote { get; set; }

    /// <summary>Replicas that died, are missing or too many, and targets at the edge, are mended without being asked. Default yes; with <see langword="false"/> they are only reported.</summary>
    public bool Heal { get; set; } = true;
}

/// <summary><c>x-wherry.health</c>: when a new replica counts as healthy, and whether it stays in the rotation afterwards.</summary>
public sealed record HealthSpec
{
    /// <summary>Path probed with HTTP GET; a 2xx or 3xx answer passes. <see langword="null"/>: the port accepts a connection.</summary>
    public string? Path { get; init; }

    /// <summary>Container port to probe. Default: the first route's port.</summary>
    public int? Port { get; init; }

    /// <summary><c>Host</c> header of the probe. Default: the first route's host that is not a wildcard.</summary>
    public string? Host { get; init; }

    /// <summary>Run inside the container instead of a probe from outside; exit code 0 passes.</summary>
    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>Pause between probes. Default 1 s.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest time one probe may take. Default 5 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Time from the container's start, or from when one that runs already is waited for, until the gate gives up. Default 60 s.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(60);
}
