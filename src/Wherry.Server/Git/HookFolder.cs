using System.Reflection;
using System.Runtime.InteropServices;
using Wherry.Client;

namespace Wherry.Server.Git;

/// <summary>The folder of hooks that Git runs: only ours is in it, a link to Wherry's own executable. Hooks in a repository are never run.</summary>
internal sealed class HookFolder(ServerOptions options)
{
    private readonly Lock _lock = new();

    /// <summary>Absolute. The link is made, or set right after an upgrade, when it is asked for.</summary>
    public string Path
    {
        get
        {
            var folder = System.IO.Path.Combine(options.Home, "hooks");
            var link = new FileInfo(System.IO.Path.Combine(folder, PushHook.Name));
            lock (_lock)
            {
                if (link.LinkTarget != Executable)
                {
                    Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                    link.Delete();
                    link.CreateAsSymbolicLink(Executable);
                }
            }

            return folder;
        }
    }

    /// <summary>What tells the executable that it is a hook, and of which push.</summary>
    public IReadOnlyDictionary<string, string> Variables(string push) => new Dictionary<string, string>
    {
        [PushHook.HookVariable] = PushHook.Name,
        [PushHook.SocketVariable] = options.Socket,
        [PushHook.PushVariable] = push,
        ["DOTNET_ROOT"] = RuntimeRoot,
        ["DOTNET_TieredPGO"] = "0",
    };

    /// <summary>The running program; when <c>dotnet</c> runs it, the executable beside it.</summary>
    private static string Executable { get; } = Environment.ProcessPath is { } path && System.IO.Path.GetFileName(path) != "dotnet"
        ? path
        : System.IO.Path.Combine(AppContext.BaseDirectory, Assembly.GetEntryAssembly()!.GetName().Name!);

    /// <summary>Where the executable finds its runtime: the one that runs us.</summary>
    private static string RuntimeRoot { get; } = System.IO.Path.GetFullPath(System.IO.Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));
}
