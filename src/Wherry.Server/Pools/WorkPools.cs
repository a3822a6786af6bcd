namespace Wherry.Server.Pools;

/// <summary>The pools of the server. Each kind of work has its own, so that one kind never delays another: ten long builds do not hold up a rollback, nor a backup.</summary>
internal sealed class WorkPools(ServerOptions options)
{
    /// <summary>Deployments that change containers at once, over all environments; one per environment anyway.</summary>
    public const int MaxDeployments = 16;

    /// <summary>Sessions of <c>run</c> and <c>exec</c> at once.</summary>
    public const int MaxSessions = 64;

    public Pool Builds { get; } = new("build", options.BuildLimits.AtOnce);

    /// <summary>Somebody waits for each: one too many is refused, not queued.</summary>
    public Pool Sessions { get; } = new("session", MaxSessions);

    /// <summary>From the plan on: who still builds or fetches has no seat here.</summary>
    public Pool Deployments { get; } = new("deployment", MaxDeployments);
}
