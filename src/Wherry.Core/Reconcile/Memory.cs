using Wherry.Core.Model;

namespace Wherry.Core.Reconcile;

/// <summary>What the reconcile loop remembers of an environment from one look to the next. A restart of the server forgets it.</summary>
public sealed record EnvironmentMemory
{
    public static EnvironmentMemory Empty { get; } = new();

    public IReadOnlyDictionary<ServiceName, ServiceMemory> Services { get; init; } = new Dictionary<ServiceName, ServiceMemory>();

    /// <summary>When something was seen first, by what it is.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> Since { get; init; } = new Dictionary<string, DateTimeOffset>();
}

/// <summary>What is remembered of a service.</summary>
public sealed record ServiceMemory
{
    public static ServiceMemory Empty { get; } = new();

    /// <summary>Times that it was healed since it last ran steadily.</summary>
    public int Attempts { get; init; }

    /// <summary>Ends of replicas since it last ran steadily.</summary>
    public int Deaths { get; init; }

    /// <summary>When it is healed next; <see langword="null"/> when nothing is due.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Since when nothing is missing and nothing died.</summary>
    public DateTimeOffset? WholeSince { get; init; }

    /// <summary>It was healed, and is not seen whole yet.</summary>
    public bool Healing { get; init; }

    public bool CrashLooping { get; init; }
}
