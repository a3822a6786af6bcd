using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Wherry.Core.Model;

namespace Wherry.Core.Planning;

/// <summary>What is to be done, in order, and why.</summary>
public sealed record Plan
{
    public static Plan Empty { get; } = new();

    public IReadOnlyList<Step> Steps { get; init; } = [];

    public IReadOnlyList<Change> Changes { get; init; } = [];

    /// <summary>Services that run but are not wanted, and stay because nobody asked to remove them.</summary>
    public IReadOnlyList<ServiceName> Orphans { get; init; } = [];

    /// <summary>How the services that get new replicas are judged while they get them.</summary>
    public IReadOnlyList<Rollout> Rollouts { get; set; } = [];

    /// <summary>What a person should know beside the steps.</summary>
    public IReadOnlyList<string> Notes { get; set; } = [];

    /// <summary>Its own, or the defaults.</summary>
    public Rollout RolloutOf(ServiceName service) => Rollouts.FirstOrDefault(r => r.Service == service) ?? Rollout.Of(new ServiceSpec { Name = service });

    /// <summary>The same for the same steps.</summary>
    [JsonIgnore]
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', Steps.Select(s => s.Describe()).Concat(Changes.Select(c => c.ToString()))))))[..12];
}

/// <summary>What happens to a service, and why.</summary>
public sealed record Change(ServiceName Service, ChangeKind Kind, string Why)
{
    /// <summary>No container that serves is exchanged: routes, health, drain or the number of replicas.</summary>
    [JsonIgnore]
    public bool InPlace => Kind is ChangeKind.None or ChangeKind.Scale or ChangeKind.Reroute;
}

/// <summary>What a service's new replicas must do, and what happens when they do not.</summary>
/// <param name="ProgressDeadline">Longest time without a newly healthy replica.</param>
/// <param name="AutoPromote">Canaries need nobody to promote them.</param>
/// <param name="Guard">What ends a trial by itself.</param>
public sealed record Rollout(ServiceName Service, FailureAction OnFailure, TimeSpan ProgressDeadline, bool AutoPromote, CanaryGuard? Guard = null)
{
    public static Rollout Of(ServiceSpec spec) => new(spec.Name, spec.Deploy.FailureAction, spec.Deploy.ProgressDeadline, spec.Deploy.AutoPromote, spec.Canary?.Guard);
}

public enum ChangeKind
{
    None,
    Add,
    Replace,
    Scale,

    /// <summary>Only routes, TLS, health or drain settings differ: no container is touched.</summary>
    Reroute,
    Remove,
}

/// <summary>Source-generated JSON of plans, as deployments keep them.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(Plan))]
public sealed partial class PlanJson : JsonSerializerContext;
