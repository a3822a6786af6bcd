using Wherry.Cli.Frame;
using Wherry.Cli.Supervision;
using Wherry.Client;

// Git runs this program as a hook during a push.
if (PushHook.IsHook)
{
    return PushHook.Run();
}

// Before anything is said: whatever a role says belongs into its log.
RoleLog.RedirectIfAsked();
return await CommandLine.RunAsync(args, World.OfThisProcess());
