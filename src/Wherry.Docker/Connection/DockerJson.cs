using System.Text.Json.Serialization;

namespace Wherry.Docker.Connection;

/// <summary>The engine's JSON, generated at build time.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ErrorWire))]
[JsonSerializable(typeof(VersionWire))]
[JsonSerializable(typeof(InfoWire))]
[JsonSerializable(typeof(DiskUseWire))]
[JsonSerializable(typeof(EventWire))]
[JsonSerializable(typeof(CreatedWire))]
[JsonSerializable(typeof(NetworkCreateWire))]
[JsonSerializable(typeof(NetworkConnectWire))]
[JsonSerializable(typeof(NetworkDisconnectWire))]
[JsonSerializable(typeof(IReadOnlyList<NetworkWire>))]
[JsonSerializable(typeof(VolumeCreateWire))]
[JsonSerializable(typeof(VolumeListWire))]
[JsonSerializable(typeof(ContainerCreateWire))]
[JsonSerializable(typeof(ContainerUpdateWire))]
[JsonSerializable(typeof(ContainerInspectWire))]
[JsonSerializable(typeof(IReadOnlyList<ContainerSummaryWire>))]
[JsonSerializable(typeof(ContainerWaitWire))]
[JsonSerializable(typeof(ContainerTopWire))]
[JsonSerializable(typeof(ContainerStatsWire))]
[JsonSerializable(typeof(ImageInspectWire))]
[JsonSerializable(typeof(IReadOnlyList<ImageSummaryWire>))]
[JsonSerializable(typeof(RegistryCredentialWire))]
[JsonSerializable(typeof(ProgressWire))]
[JsonSerializable(typeof(ExecCreateWire))]
[JsonSerializable(typeof(ExecStartWire))]
[JsonSerializable(typeof(ExecInspectWire))]
[JsonSerializable(typeof(BuildAuxWire))]
[JsonSerializable(typeof(CachePrunedWire))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
[JsonSerializable(typeof(Dictionary<string, IReadOnlyList<string>>))]
internal sealed partial class DockerJson : JsonSerializerContext;

/// <summary>The engine's answer to a refused call.</summary>
internal sealed record ErrorWire(string? message);

/// <summary>Go's <c>struct{}</c>: an object without content.</summary>
internal sealed record EmptyWire;
