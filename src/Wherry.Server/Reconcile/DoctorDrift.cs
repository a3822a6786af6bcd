using Wherry.Client;

namespace Wherry.Server.Reconcile;

/// <summary>The doctor's line about drift.</summary>
internal sealed class DoctorDrift(DriftBoard board)
{
    private const int Shown = 3;

    public DoctorCheck Check()
    {
        var open = board.All.SelectMany(o => o.Drifts.Select(d => $"{o.Environment}{(d.Service is { } service ? $" {service}" : "")}: {d.Found}")).ToList();
        return open.Count == 0
            ? new("drift", "ok", "what runs is what should run", null)
            : new("drift", "warning", $"{string.Join("; ", open.Take(Shown))}{(open.Count > Shown ? $"; and {open.Count - Shown} more" : "")}", "`wherry drift` shows all of it; `--revert` makes it as it should be, `--adopt` takes it over.");
    }
}
