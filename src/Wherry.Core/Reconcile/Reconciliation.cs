using Wherry.Core.Model;

namespace Wherry.Core.Reconcile;

/// <summary>What one look at an environment leads to.</summary>
/// <param name="Memory">For the next look.</param>
/// <param name="Drifts">What differs from what is wanted.</param>
/// <param name="Heal">What is to be done now; <see langword="null"/>: nothing.</param>
/// <param name="OneOffs">Containers of one-offs that were left and are to be removed.</param>
/// <param name="Extra">Containers that should not exist and do not serve, whether it is time to remove them or not.</param>
/// <param name="Happenings">What an operator wants to know afterwards.</param>
/// <param name="LookAgainAt">When something becomes due; <see langword="null"/>: the loop's period does.</param>
public sealed record Reconciliation(
    EnvironmentMemory Memory,
    IReadOnlyList<Drift> Drifts,
    HealOrder? Heal,
    IReadOnlyList<string> OneOffs,
    IReadOnlyList<string> Extra,
    IReadOnlyList<Happening> Happenings,
    DateTimeOffset? LookAgainAt);

/// <summary>How an environment differs from what is wanted.</summary>
public enum DriftKind
{
    /// <summary>Fewer replicas run than should.</summary>
    Missing,

    /// <summary>A container that should not exist.</summary>
    Extra,

    /// <summary>A container is not as it was made.</summary>
    Settings,

    /// <summary>The edge has other routes or targets.</summary>
    Traffic,

    /// <summary>A network is gone.</summary>
    Network,

    /// <summary>What was stopped runs.</summary>
    Running,

    /// <summary>A service that is not in the model any more.</summary>
    Orphan,

    /// <summary>It ends again and again.</summary>
    CrashLoop,
}

/// <param name="Service"><see langword="null"/> when it is about the environment.</param>
/// <param name="Wanted">What should be, for a person.</param>
/// <param name="Found">What is, for a person.</param>
/// <param name="Since">When it was seen first.</param>
/// <param name="Heals">It is mended without being asked.</param>
public sealed record Drift(DriftKind Kind, ServiceName? Service, string Wanted, string Found, DateTimeOffset Since, bool Heals);

/// <summary>What a deployment that heals is to do. Found again by service and container id when it runs.</summary>
public sealed record HealOrder
{
    /// <summary>Services that lack replicas or traffic.</summary>
    public IReadOnlyList<string> Services { get; init; } = [];

    /// <summary>Those of them whose stopped containers are started again; the others get new ones.</summary>
    public IReadOnlyList<string> Wake { get; init; } = [];

    /// <summary>Services whose replicas are replaced although nothing of them is missing: they are not as they were made.</summary>
    public IReadOnlyList<string> Replace { get; init; } = [];

    /// <summary>Containers that the engine starts again by itself.</summary>
    public IReadOnlyList<string> Leave { get; init; } = [];

    /// <summary>Containers that should not exist. One that serves when the time comes stays.</summary>
    public IReadOnlyList<string> Remove { get; init; } = [];

    public bool IsEmpty => Services.Count + Replace.Count + Remove.Count == 0;

    /// <summary>The same without what was stopped in the meantime.</summary>
    public HealOrder Without(IReadOnlySet<ServiceName> stopped) => this with
    {
        Services = [.. Services.Where(s => !stopped.Contains(ServiceName.Parse(s)))],
        Wake = [.. Wake.Where(s => !stopped.Contains(ServiceName.Parse(s)))],
        Replace = [.. Replace.Where(s => !stopped.Contains(ServiceName.Parse(s)))],
    };

    public override string ToString() => Remove.Count == 0 ? string.Join(", ", Services) : $"{string.Join(", ", Services)}{(Services.Count > 0 ? "; " : "")}{Remove.Count} containers too many";
}

/// <summary>Something for the event log.</summary>
/// <param name="Death">The end that it is about.</param>
public sealed record Happening(HappeningKind Kind, ServiceName Service, string About, Death? Death = null);

public enum HappeningKind
{
    Died,
    Replaced,
    CrashLooping,
    Steady,
}
