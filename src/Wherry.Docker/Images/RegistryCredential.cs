using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Wherry.Docker.Connection;

namespace Wherry.Docker;

/// <summary>What opens a registry. Never shown.</summary>
/// <param name="Registry">Host and port, for instance <c>ghcr.io</c>; Docker Hub is <c>https://index.docker.io/v1/</c>.</param>
/// <param name="Password">A password or an access token.</param>
public sealed record RegistryCredential(string Registry, string User, string Password)
{
    public override string ToString() => $"{User} at {Registry}";

    /// <summary>Value of <c>X-Registry-Auth</c>; the engine wants one on a push even without a credential.</summary>
    internal static string Encode(RegistryCredential? credential)
    {
        var wire = new RegistryCredentialWire(credential?.User, credential?.Password, credential?.Registry);
        // Padded: engines before 23 decode strictly.
        return Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(wire, DockerJson.Default.RegistryCredentialWire)) is var text && text.Length % 4 is var rest and not 0
            ? text + new string('=', 4 - rest)
            : text;
    }
}

internal sealed record RegistryCredentialWire(
    [property: JsonPropertyName("username")] string? Username,
    [property: JsonPropertyName("password")] string? Password,
    [property: JsonPropertyName("serveraddress")] string? ServerAddress);
