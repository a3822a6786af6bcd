using System.Globalization;
using Wherry.Core.Model;

namespace Wherry.Docker;

/// <summary>A container in a list.</summary>
/// <param name="Status">The engine's sentence, for instance <c>Up 2 minutes (healthy)</c>: lists tell exit code and health nowhere else.</param>
/// <param name="Networks">Networks by name; the address is <see langword="null"/> while it does not run.</param>
public sealed record ContainerSummary(
    string Id,
    string Name,
    string ImageId,
    string ImageName,
    ContainerState State,
    string Status,
    DateTimeOffset Created,
    IReadOnlyDictionary<string, string> Labels,
    IReadOnlyDictionary<string, string?> Networks,
    IReadOnlyList<PublishedPort> Ports)
{
    private const string Exited = "Exited (";

    /// <summary>With which it ended: 137 of <c>Exited (137) 3 seconds ago</c>; <see langword="null"/> unless it is exited.</summary>
    public int? ExitCode =>
        Status.StartsWith(Exited, StringComparison.Ordinal) && Status.IndexOf(')', StringComparison.Ordinal) is > 0 and var end
        && int.TryParse(Status.AsSpan(Exited.Length..end), NumberStyles.None, CultureInfo.InvariantCulture, out var code) ? code : null;

    /// <summary>Verdict of its own check.</summary>
    public ContainerHealth Health =>
        Status.Contains("(healthy)", StringComparison.Ordinal) ? ContainerHealth.Healthy
        : Status.Contains("(unhealthy)", StringComparison.Ordinal) ? ContainerHealth.Unhealthy
        : Status.Contains("(health: starting)", StringComparison.Ordinal) ? ContainerHealth.Starting
        : ContainerHealth.None;
}
