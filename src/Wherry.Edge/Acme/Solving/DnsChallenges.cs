using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Edge.Acme.Solving;

/// <summary>A TXT record.</summary>
/// <param name="Zone">That it stands in.</param>
/// <param name="Name">Whole, without a final dot.</param>
internal sealed record DnsText(HostName Zone, string Name, string Value);

/// <summary>Who writes a zone. A name may have several values at once, as a wildcard and its base have: one never replaces another.</summary>
internal interface IDnsProvider
{
    /// <remarks>Idempotent.</remarks>
    /// <exception cref="ProblemException"><c>acme/dns-provider</c>.</exception>
    Task AddAsync(DnsText text, CancellationToken ct);

    /// <summary>Takes away this value, no other.</summary>
    /// <exception cref="ProblemException"><c>acme/dns-provider</c>.</exception>
    Task RemoveAsync(DnsText text, CancellationToken ct);
}

/// <summary>A zone that may be written.</summary>
internal sealed record DnsZone(HostName Name, IDnsProvider Provider)
{
    /// <summary>Time until all of the zone's servers tell what was written. Default 15 s.</summary>
    public TimeSpan SettleFor { get; init; } = TimeSpan.FromSeconds(15);
}

/// <summary>DNS-01: the one way to a wildcard. The longest zone that a name ends in is written.</summary>
internal sealed class DnsChallenges(IReadOnlyList<DnsZone> zones) : IChallengeSolver
{
    /// <summary>Time to live of the records, in seconds.</summary>
    public const int Ttl = 60;

    public string Type => "dns-01";

    public bool CanSolve(HostName name) => Find(name) is not null;

    public TimeSpan SettleFor(HostName name) => Find(name)?.SettleFor ?? TimeSpan.Zero;

    public Task PresentAsync(ChallengeAnswer answer, CancellationToken ct) => Find(answer.Name) is { } zone ? zone.Provider.AddAsync(Text(zone, answer), ct) : Task.CompletedTask;

    public Task RemoveAsync(ChallengeAnswer answer, CancellationToken ct) => Find(answer.Name) is { } zone ? zone.Provider.RemoveAsync(Text(zone, answer), ct) : Task.CompletedTask;

    internal static Problem Failed(string provider, DnsText text, string why) => new(
        "acme/dns-provider",
        $"{provider} did not change the TXT records of {text.Name}: {why}",
        "Check the provider's address, its credentials, and that they may write this zone.");

    private DnsZone? Find(HostName name) => zones
        .Where(z => name.Value == z.Name.Value || name.Value.EndsWith("." + z.Name.Value, StringComparison.Ordinal))
        .MaxBy(z => z.Name.Value.Length);

    private static DnsText Text(DnsZone zone, ChallengeAnswer answer) => new(zone.Name, $"_acme-challenge.{answer.Name}", answer.DnsValue);
}
