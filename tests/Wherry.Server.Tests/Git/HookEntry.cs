using System.Runtime.CompilerServices;
using Wherry.Client;

namespace Wherry.Server.Tests.Git;

/// <summary>The test program is its servers' hook, as the <c>wherry</c> executable is in production.</summary>
internal static class HookEntry
{
    [ModuleInitializer]
    internal static void Enter()
    {
        if (PushHook.IsHook)
        {
            Environment.Exit(PushHook.Run());
        }
    }
}
