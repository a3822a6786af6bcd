using System.Collections.Concurrent;
using Wherry.Core.Model;
using Wherry.Core.Reconcile;
using Wherry.Server.Deployments;

namespace Wherry.Server.Reconcile;

/// <summary>Current releases, opened once: a release never changes.</summary>
internal sealed class WantedReleases(ReleaseStore releases)
{
    private readonly ConcurrentDictionary<string, WantedRelease> _known = new();

    public async Task<WantedRelease?> FindAsync(EnvironmentFacts facts, CancellationToken ct)
    {
        if (facts.Release is not { } number)
        {
            return null;
        }

        if (_known.TryGetValue(facts.Key, out var known) && known.Release.Number == number)
        {
            return known;
        }

        var release = await releases.GetAsync(facts.Environment, number, ct);
        return _known[facts.Key] = new(release, WantedService.Of(release.Model));
    }

    /// <summary>Forgets environments that are gone.</summary>
    public void Keep(IEnumerable<string> environments)
    {
        foreach (var gone in _known.Keys.Except(environments))
        {
            _known.TryRemove(gone, out _);
        }
    }
}

/// <param name="Services">Before scaling.</param>
internal sealed record WantedRelease(Release Release, IReadOnlyList<WantedService> Services)
{
    public IReadOnlyList<WantedService> Scaled(IReadOnlyDictionary<ServiceName, int> scale) => scale.Count == 0
        ? Services
        : [.. Services.Select(s => scale.TryGetValue(s.Name, out var count) ? s with { Spec = s.Spec with { Replicas = count } } : s)];
}
