using Wherry.Client;

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

    /// <summary>What the request says of it; Compose file and files are found when the source is read.</summary>
    public static ModelInput Of(DeployRequest request) => new() { Profiles = request.Profiles, Host = request.Host, Port = request.Port, Image = request.Image };
}
