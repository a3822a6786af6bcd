namespace Wherry.Core.Retention;

/// <summary>Which releases keep their images.</summary>
public static class ReleaseRetention
{
    /// <summary>Numbers of the releases that can go: all but the current one, the newest <paramref name="keep"/> others that once served, and any newer than the current one.</summary>
    /// <param name="releases">Number of each release, and whether it ever served.</param>
    /// <param name="current">The one that serves; <see langword="null"/>: nothing goes.</param>
    /// <param name="keep">Releases kept for rolling back. At least 1 is kept.</param>
    public static IReadOnlyList<int> Expired(IEnumerable<(int Number, bool Served)> releases, int? current, int keep)
    {
        if (current is not { } serving)
        {
            return [];
        }

        var others = releases.Where(r => r.Number != serving && r.Number < serving).OrderByDescending(r => r.Number).ToList();
        var kept = others.Where(r => r.Served).Take(Math.Max(1, keep)).Select(r => r.Number).ToHashSet();
        return [.. others.Where(r => !kept.Contains(r.Number)).Select(r => r.Number).Order()];
    }
}
