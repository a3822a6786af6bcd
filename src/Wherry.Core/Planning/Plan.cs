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

    /// <summary>The same for the same steps.</summary>
    [JsonIgnore]
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', Steps.Select(s => s.Describe()).Concat(Changes.Select(c => c.ToString()))))))[..12];
}

/// <summary>What happens to a service, and why.</summary>
public sealed record Change(ServiceName Service, ChangeKind Kind, string Why);

public enum ChangeKind
{
    None,
    Add,
    Replace,
    Scale,

    /// <summary>Only routes, health or drain settings differ: no container is touched.</summary>
    Reroute,
    Remove,
}

/// <summary>Source-generated JSON of plans, as deployments keep them.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(Plan))]
public sealed partial class PlanJson : JsonSerializerContext;
