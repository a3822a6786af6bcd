using Wherry.Core.Health;

namespace Wherry.Server.Deployments;

/// <summary>Where a container listens, read from the kernel of this machine: no program has to be in the container.</summary>
internal static class ContainerSockets
{
    /// <param name="hostPid">A process of the container, by its number on the host.</param>
    /// <param name="ct">Stops reading.</param>
    /// <returns><see langword="null"/> when it cannot be told: the engine runs on another machine, the process is gone, or nobody may look.</returns>
    public static async Task<IReadOnlyList<Listener>?> FindAsync(int hostPid, CancellationToken ct)
    {
        if (hostPid <= 0)
        {
            return null;
        }

        try
        {
            var v4 = await File.ReadAllTextAsync($"/proc/{hostPid}/net/tcp", ct);
            var v6 = File.Exists($"/proc/{hostPid}/net/tcp6") ? await File.ReadAllTextAsync($"/proc/{hostPid}/net/tcp6", ct) : "";
            return Listener.Parse(v4 + v6);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
