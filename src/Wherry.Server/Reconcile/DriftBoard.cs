using System.Collections.Concurrent;
using Wherry.Core.Model;
using Wherry.Core.Reconcile;
using Wherry.Server.Environments;

namespace Wherry.Server.Reconcile;

/// <summary>What the last look found, for whoever asks.</summary>
internal sealed class DriftBoard
{
    private readonly ConcurrentDictionary<long, OpenDrift> _open = new();

    /// <summary>Environments with drift, by name.</summary>
    public IReadOnlyList<OpenDrift> All =>
        [.. _open.Values.Where(o => o.Drifts.Count > 0).OrderBy(o => o.Environment.Project.Value, StringComparer.Ordinal).ThenBy(o => o.Environment.Name.Value, StringComparer.Ordinal)];

    public OpenDrift? Find(EnvironmentRef environment) => _open.GetValueOrDefault(environment.Id) is { } found && found.Environment == environment ? found : null;

    public bool IsCrashLooping(EnvironmentRef environment, ServiceName service) => Find(environment)?.Drifts.Any(d => d.Kind == DriftKind.CrashLoop && d.Service == service) ?? false;

    public void Set(OpenDrift found) => _open[found.Environment.Id] = found;

    /// <summary>A deployment is at work: what was found before it is not to be acted upon.</summary>
    public void MarkBusy(EnvironmentRef environment)
    {
        if (Find(environment) is { Busy: false } found)
        {
            Set(found with { Busy = true });
        }
    }

    /// <summary>Forgets environments that are gone.</summary>
    public void Keep(IReadOnlySet<long> environments)
    {
        foreach (var gone in _open.Keys.Where(id => !environments.Contains(id)))
        {
            _open.TryRemove(gone, out _);
        }
    }
}

/// <summary>One environment at the last look.</summary>
/// <param name="Extra">Containers that should not exist and do not serve.</param>
/// <param name="Counts">Replicas that run and that should, by service; jobs are left out.</param>
internal sealed record OpenDrift(EnvironmentRef Environment, IReadOnlyList<Drift> Drifts, IReadOnlyList<string> Extra, IReadOnlyList<(ServiceName Service, int Runs, int Wanted)> Counts)
{
    /// <summary>A deployment was at work at the last look, so this is what was seen before it.</summary>
    public bool Busy { get; init; }
}
