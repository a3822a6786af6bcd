using System.Text.Json.Serialization;

namespace Wherry.Server.Deployments;

/// <summary>Source-generated JSON of what the store keeps of a deployment.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ModelInput))]
[JsonSerializable(typeof(DeployIntent))]
[JsonSerializable(typeof(Wherry.Core.Planning.PlanBasis))]
internal sealed partial class DeploymentJson : JsonSerializerContext;
