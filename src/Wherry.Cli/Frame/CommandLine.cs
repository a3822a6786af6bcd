using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Wherry.Cli.Catalog;
using Wherry.Cli.Certificates;
using Wherry.Cli.Completion;
using Wherry.Cli.Config;
using Wherry.Cli.Deployments;
using Wherry.Cli.Disk;
using Wherry.Cli.Doctor;
using Wherry.Cli.Environments;
using Wherry.Cli.Events;
using Wherry.Cli.Export;
using Wherry.Cli.Importing;
using Wherry.Cli.Logs;
using Wherry.Cli.Problems;
using Wherry.Cli.Projects;
using Wherry.Cli.Reconcile;
using Wherry.Cli.Roles;
using Wherry.Cli.Services;
using Wherry.Cli.Sessions;
using Wherry.Cli.Status;
using Wherry.Cli.Store;
using Wherry.Cli.Supervision;
using Wherry.Cli.Tokens;
using Wherry.Cli.Traffic;
using Wherry.Cli.Up;
using Wherry.Cli.Variables;

namespace Wherry.Cli.Frame;

/// <summary>The whole command line. Every verb is listed here once.</summary>
internal static class CommandLine
{
    /// <summary>Runs one command line.</summary>
    /// <returns>The exit code: an <see cref="Exit"/>, or the code of the command that <c>run</c> or <c>exec</c> ran.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, World world)
    {
        args = args switch
        {
            [] => ["--help"],
            ["--version"] => ["version"],
            _ => args,
        };
        var parse = Root(world, args[0]).Parse(args);
        var settings = new InvocationConfiguration { Output = world.Out, Error = world.Err, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        if (parse.Action is not ParseErrorAction)
        {
            return await parse.InvokeAsync(settings);
        }

        foreach (var error in parse.Errors)
        {
            await world.Err.WriteLineAsync(error.Message);
        }

        await world.Err.WriteLineAsync($"  → {Path(parse)} --help");
        await world.Err.WriteLineAsync("  (cli/usage)");
        return (int)Exit.Usage;
    }

    /// <param name="only">Name of the one verb that is needed: most of a call's start would go into the others. Another word, or none: all verbs.</param>
    public static RootCommand Root(World world, string? only = null)
    {
        var globals = new GlobalOptions();
        var verbs = new Verbs(world, globals);
        var root = new RootCommand("Deploys what you push: Git repositories, images and Compose files, on your own server, without dropping a request.");
        foreach (var option in globals.All)
        {
            root.Add(option);
        }

        var all = All(verbs);
        foreach (var (_, build) in all.Any(v => v.Name == only) ? all.Where(v => v.Name == only) : all)
        {
            root.Add(build());
        }

        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        root.Options.Remove(root.Options.OfType<VersionOption>().Single());
        return root;
    }

    private static (string Name, Func<Command> Build)[] All(Verbs verbs) =>
    [
        ("up", () => UpCommand.Build(verbs)),
        ("down", () => DownCommand.Build(verbs)),
        ("deploy", () => DeployCommand.Build(verbs)),
        ("plan", () => PlanCommand.Build(verbs)),
        ("config", () => ConfigCommand.Build(verbs)),
        ("status", () => StatusCommand.Build(verbs)),
        ("logs", () => LogsCommand.Build(verbs)),
        ("deployments", () => DeploymentsCommand.Build(verbs)),
        ("top", () => TopCommand.Build(verbs)),
        ("events", () => EventsCommand.Build(verbs)),
        ("releases", () => ReleasesCommand.Build(verbs)),
        ("rollback", () => RollbackCommand.Build(verbs)),
        ("cancel", () => CancelCommand.Build(verbs)),
        ("lock", () => LockCommands.BuildLock(verbs)),
        ("unlock", () => LockCommands.BuildUnlock(verbs)),
        ("promote", () => PromoteCommand.Build(verbs)),
        ("abort", () => CancelCommand.BuildAbort(verbs)),
        ("scale", () => ScaleCommand.Build(verbs)),
        ("stop", () => StopStartCommands.BuildStop(verbs)),
        ("start", () => StopStartCommands.BuildStart(verbs)),
        ("restart", () => StopStartCommands.BuildRestart(verbs)),
        ("drift", () => DriftCommand.Build(verbs)),
        ("maintenance", () => MaintenanceCommand.Build(verbs)),
        ("pause", () => PauseCommands.BuildPause(verbs)),
        ("resume", () => PauseCommands.BuildResume(verbs)),
        ("catalog", () => CatalogCommand.Build(verbs)),
        ("import", () => ImportCommand.Build(verbs)),
        ("env", () => EnvCommand.Build(verbs)),
        ("secret", () => SecretCommand.Build(verbs)),
        ("run", () => RunCommand.BuildRun(verbs)),
        ("exec", () => RunCommand.BuildExec(verbs)),
        ("projects", () => ProjectsCommand.Build(verbs)),
        ("environments", () => EnvironmentsCommand.Build(verbs)),
        ("tokens", () => TokensCommand.Build(verbs)),
        ("export", () => ExportCommand.Build(verbs)),
        ("domains", () => DomainsCommand.Build(verbs)),
        ("certificates", () => CertificatesCommand.Build(verbs)),
        ("trust", () => TrustCommand.Build(verbs)),
        ("store", () => StoreCommand.Build(verbs)),
        ("disk", () => DiskCommand.Build(verbs)),
        ("doctor", () => DoctorCommand.Build(verbs)),
        ("explain", () => ExplainCommand.Build(verbs)),
        ("version", () => VersionCommand.Build(verbs)),
        ("completion", () => CompletionCommand.Build(verbs)),
        ("server", () => ServerCommand.Build(verbs)),
        ("edge", () => EdgeCommand.Build(verbs)),
        ("supervise", () => SuperviseCommand.Build(verbs)),
    ];

    private static string Path(ParseResult parse)
    {
        var names = new List<string>();
        for (var command = parse.CommandResult; command is not null; command = command.Parent as System.CommandLine.Parsing.CommandResult)
        {
            names.Insert(0, command.Command is RootCommand ? "wherry" : command.Command.Name);
        }

        return string.Join(' ', names);
    }
}
