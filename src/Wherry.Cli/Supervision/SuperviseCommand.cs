using System.CommandLine;
using System.Runtime.InteropServices;
using Wherry.Cli.Frame;

namespace Wherry.Cli.Supervision;

/// <summary><c>wherry supervise</c>: what keeps server and edge running where there is no systemd. <c>wherry up</c> starts it.</summary>
internal static class SuperviseCommand
{
    public const string Role = "supervise";

    public static Command Build(Verbs verbs)
    {
        var verb = verbs.On(new Verb(Role, "Keeps server and edge running; `wherry up` starts it where there is no systemd"), async (call, ct) =>
        {
            using var only = OnlyOne.InHome(call.Home, Role);
            RoleLog.LeaveSession();
            var files = new HomeFiles(call.Home);
            files.Remember(Role, Environment.ProcessId);

            // The next version's supervisor takes over what runs.
            using var leave = new CancellationTokenSource();
            using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
            {
                signal.Cancel = true;
                leave.Cancel();
            });
            using var supervisor = new Supervisor(files, Processes.ProgramOf(Environment.ProcessId)!, call.World.Time, call.World.Out);
            await supervisor.RunAsync(ct, leave.Token);
            return Exit.Ok;
        });
        verb.Hidden = true;
        return verb;
    }
}
