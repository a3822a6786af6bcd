using System.CommandLine;
using Wherry.Cli.Frame;
using Wherry.Client;

namespace Wherry.Cli.Environments;

/// <summary><c>wherry lock</c> and <c>unlock</c>: holds changes of an environment back.</summary>
internal static class LockCommands
{
    public static Command BuildLock(Verbs verbs)
    {
        var message = new Option<string?>("--message", "-m") { Description = "Shown to those who are held back", HelpName = "TEXT" };
        var pushes = new Option<bool>("--pushes") { Description = "Hold back pushes only: they are stored and not deployed; `wherry deploy` works" };
        return verbs.On(new Verb("lock", "Holds back every deploy, rollback, scaling and change of variables", "wherry lock -m \"moving the database\"", "wherry lock --pushes -m \"release freeze\"") { message, pushes }, async (call, ct) =>
        {
            var project = await call.ProjectAsync(ct);
            var locked = await call.Client.LockAsync(project, call.Environment, new TakeLock(call.Get(message), call.Get(pushes) ? LockScope.Pushes : LockScope.Everything), ct);
            call.Print(locked, ClientJson.Default.ProjectEnvironment, o => o.WriteLine($"{locked.Project}/{locked.Name} is locked for {(locked.Lock is { Scope: LockScope.Pushes } ? "pushes" : "every change")}; end it with `wherry unlock`"));
            return Exit.Ok;
        });
    }

    public static Command BuildUnlock(Verbs verbs) =>
        verbs.On(new Verb("unlock", "Ends an environment's lock; pushes deploy again", "wherry unlock", "wherry unlock -p shop -e staging"), async (call, ct) =>
        {
            var project = await call.ProjectAsync(ct);
            var open = await call.Client.UnlockAsync(project, call.Environment, ct);
            call.Print(open, ClientJson.Default.ProjectEnvironment, o => o.WriteLine($"{open.Project}/{open.Name} is not locked; what was pushed meanwhile is deployed with `wherry deploy --ref {open.Branch ?? "BRANCH"}`"));
            return Exit.Ok;
        });
}
