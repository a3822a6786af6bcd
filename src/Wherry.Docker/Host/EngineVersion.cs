namespace Wherry.Docker;

/// <summary>What an engine says about its version.</summary>
/// <param name="Version">For instance <c>28.2.2</c>.</param>
/// <param name="Api">Newest API that the engine speaks.</param>
/// <param name="OldestApi">Oldest API that the engine speaks.</param>
/// <param name="UsedApi">The API that Wherry speaks with it.</param>
public sealed record EngineVersion(string Version, string Api, string OldestApi, string UsedApi, string Os, string Architecture, string Kernel);

internal sealed record VersionWire
{
    public string? Version { get; init; }

    public string? ApiVersion { get; init; }

    public string? MinAPIVersion { get; init; }

    public string? Os { get; init; }

    public string? Arch { get; init; }

    public string? KernelVersion { get; init; }

    public EngineVersion ToVersion(Version used) =>
        new(Version ?? "", ApiVersion ?? "", MinAPIVersion ?? "", used.ToString(), Os ?? "", Arch ?? "", KernelVersion ?? "");
}
