namespace Wherry.Core.Reconcile;

/// <summary>When each thing was seen first; what is not seen again is forgotten.</summary>
internal sealed class Sightings(IReadOnlyDictionary<string, DateTimeOffset> before, DateTimeOffset now)
{
    private readonly Dictionary<string, DateTimeOffset> _seen = [];

    public IReadOnlyDictionary<string, DateTimeOffset> Seen => _seen;

    /// <summary>Sees it.</summary>
    /// <returns>When it was seen first.</returns>
    public DateTimeOffset Of(string what) => _seen[what] = before.TryGetValue(what, out var at) && at <= now ? at : now;

    /// <summary>Sees it, and tells whether it was seen before this look.</summary>
    public bool IsKnown(string what) => Of(what) is var _ && before.ContainsKey(what);

    public bool IsOlder(string what, TimeSpan age) => now - Of(what) >= age;
}
