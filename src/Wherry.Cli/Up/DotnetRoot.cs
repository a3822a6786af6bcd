using System.Runtime.InteropServices;

namespace Wherry.Cli.Up;

/// <summary>Where the runtime stands that this program needs: what systemd and cron start does not know it from a shell.</summary>
internal static class DotnetRoot
{
    /// <summary><see langword="null"/> when the program brings its runtime along.</summary>
    public static string? Found { get; } = Find(RuntimeEnvironment.GetRuntimeDirectory());

    /// <param name="runtime">For instance <c>/usr/share/dotnet/shared/Microsoft.NETCore.App/10.0.0/</c>.</param>
    internal static string? Find(string runtime)
    {
        var shared = runtime.IndexOf("/shared/Microsoft.NETCore.App/", StringComparison.Ordinal);
        return shared > 0 ? runtime[..shared] : null;
    }
}
