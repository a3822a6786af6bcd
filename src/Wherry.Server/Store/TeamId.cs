namespace Wherry.Server.Store;

/// <summary>Owner of everything in the store.</summary>
public readonly record struct TeamId(long Value)
{
    /// <summary>The team that a new store has.</summary>
    public static TeamId Default { get; } = new(1);
}
