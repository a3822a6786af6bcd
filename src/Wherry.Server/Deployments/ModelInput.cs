using System.Text.Json.Serialization;
using Wherry.Client;
using Wherry.Core.Deployments;

namespace Wherry.Server.Deployments;

/// <summary>What a model is read from. Kept with each release, so that it can be read again when only a variable changed.</summary>
internal sealed record ModelInput
{
    /// <summary>Name of the Compose file among <see cref="Files"/>; <see langword="null"/>: a one-service project.</summary>
    public string? ComposeFile { get; init; }

    /// <summary>The files that reading took, by path.</summary>
    public IReadOnlyDictionary<string, byte[]> Files { get; init; } = new Dictionary<string, byte[]>();

    public IReadOnlyList<string> Profiles { get; init; } = [];

    /// <summary>Image of a one-service project without source.</summary>
    public string? Image { get; init; }

    public string? Host { get; init; }

    public int? Port { get; init; }
}

/// <summary>What a deployment was asked to do; kept until it ends.</summary>
internal sealed record DeployIntent
{
    public required DeploymentKind Kind { get; init; }

    public DeployRequest Request { get; init; } = new();

    /// <summary>For a push: what was pushed, for a person.</summary>
    public string? Pushed { get; init; }

    /// <summary>Release to go back to.</summary>
    public int? Release { get; init; }

    /// <summary>Services to restart, start or stop; empty is all.</summary>
    public IReadOnlyList<string> Services { get; init; } = [];
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ModelInput))]
[JsonSerializable(typeof(DeployIntent))]
internal sealed partial class DeploymentJson : JsonSerializerContext;
