using System.Text.Json.Serialization;

namespace Wherry.Core.Model;

/// <summary>Source-generated JSON of the model, as releases keep it.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ProjectModel))]
[JsonSerializable(typeof(ServiceSpec))]
[JsonSerializable(typeof(RouteRules))]
public sealed partial class ModelJson : JsonSerializerContext;
