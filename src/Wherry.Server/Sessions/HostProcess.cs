using System.ComponentModel;
using System.Diagnostics;

namespace Wherry.Server.Sessions;

/// <summary>A container's process, seen from the host.</summary>
internal static class HostProcess
{
    /// <summary>Kills the process and its children if it is one of the container's.</summary>
    /// <param name="container">Full id.</param>
    /// <param name="pid">On the engine's host, which need not be this machine: then the number means another process here, or none.</param>
    /// <returns>Whether it was there and was killed.</returns>
    public static bool TryKill(string container, int pid)
    {
        try
        {
            if (pid <= 1 || !File.ReadAllText($"/proc/{pid}/cgroup").Contains(container, StringComparison.Ordinal))
            {
                return false;
            }

            using var process = Process.GetProcessById(pid);
            process.Kill(entireProcessTree: true);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException or Win32Exception)
        {
            // It ended by itself in the meantime, or it is not ours to kill.
            return false;
        }
    }
}
