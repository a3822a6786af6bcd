namespace Wherry.Core.Retention;

/// <summary>Which release a rollback goes to when none is named.</summary>
public static class RollbackTarget
{
    /// <summary>Time that a release must have served, without being replaced, to count as stable. 10 min.</summary>
    public static readonly TimeSpan StableAfter = TimeSpan.FromMinutes(10);

    /// <summary>The newest stable release before the current one; without any, the newest that served at all.</summary>
    /// <param name="served">Releases that served and whose images are there.</param>
    /// <param name="current">Number of the release that serves.</param>
    /// <returns>With a sentence for whoever asked, when the choice is not the release right before; <see langword="null"/> when there is none.</returns>
    public static (int Release, string? Note)? Choose(IEnumerable<(int Number, bool Stable)> served, int current)
    {
        var before = served.Where(r => r.Number < current).OrderByDescending(r => r.Number).ToList();
        var minutes = (int)StableAfter.TotalMinutes;
        return before switch
        {
            [] => null,
            [{ Stable: true } first, ..] => (first.Number, null),
            _ when before.FirstOrDefault(r => r.Stable) is { Number: > 0 } stable =>
                (stable.Number, $"r{stable.Number} is the last stable release; {string.Join(", ", before.Where(r => r.Number > stable.Number).Select(r => $"r{r.Number}"))} served less than {minutes} min and {(before[0].Number == before.First(r => r.Number > stable.Number).Number && before.Count(r => r.Number > stable.Number) == 1 ? "is" : "are")} passed over"),
            _ => (before[0].Number, $"no release before r{current} served for {minutes} min, so none counts as stable: going to r{before[0].Number}, the newest that served"),
        };
    }
}
