using Wherry.Client;

namespace Wherry.Server.Deployments;

/// <summary>What a model is read from. Kept with each release, so that it can be read again when only a variable changed.</summary>
internal sealed record ModelInput
{
    /// <summary>Name of the Compose file among <see cref="Files"/>; <see langword="null"/>: a one-service project.</summary>
    public string? ComposeFile { get; init; }

    /// <summary>Names of the files that are merged over <see cref="ComposeFile"/>, in this order.</summary>
    public IReadOnlyList<string> Overrides { get; set; } = []; // set, not init: releases from before have none, and the generated reader would make it null

    /// <summary>The files that reading took, by path.</summary>
    public IReadOnlyDictionary<string, byte[]> Files { get; init; } = new Dictionary<string, byte[]>();

    public IReadOnlyList<string> Profiles { get; init; } = [];

    /// <summary>Image of a one-service project without source.</summary>
    public string? Image { get; init; }

    public string? Host { get; init; }

    public int? Port { get; init; }

    /// <summary>What the request says of it; the files, and Compose files that it does not name, are found when the source is read.</summary>
    public static ModelInput Of(DeployRequest request) => new() { ComposeFile = request.ComposeFiles is [var first, ..] ? first : null, Overrides = [.. request.ComposeFiles.Skip(1)], Profiles = request.Profiles, Host = request.Host, Port = request.Port, Image = request.Image };
}
