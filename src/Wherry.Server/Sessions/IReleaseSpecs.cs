using Wherry.Docker;
using Wherry.Server.Environments;

namespace Wherry.Server.Sessions;

/// <summary>Says what a one-off container of a service is made from.</summary>
public interface IReleaseSpecs
{
    /// <summary>The service as it is in the current release, made to run <paramref name="command"/> instead of its own.</summary>
    /// <param name="variables">Win over all others.</param>
    /// <returns><see langword="null"/> when there is no release yet, or no such service in it.</returns>
    Task<OneOffSpec?> OneOffAsync(EnvironmentRef environment, string service, IReadOnlyList<string> command, IReadOnlyDictionary<string, string> variables, CancellationToken ct);
}

/// <param name="Container">Its name, ports, restart policy, health check and network aliases are replaced by the session.</param>
/// <param name="Files">A tar archive that is unpacked at <c>/</c> before the start; <see langword="null"/>: none.</param>
public sealed record OneOffSpec(ContainerSpec Container, Func<Stream>? Files = null);
