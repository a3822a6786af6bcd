using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Wherry.Cli.Completion;
using Wherry.Cli.Deployments;
using Wherry.Cli.Doctor;
using Wherry.Cli.Environments;
using Wherry.Cli.Logs;
using Wherry.Cli.Problems;
using Wherry.Cli.Projects;
using Wherry.Cli.Roles;
using Wherry.Cli.Services;
using Wherry.Cli.Sessions;
using Wherry.Cli.Status;
using Wherry.Cli.Supervision;
using Wherry.Cli.Tokens;
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
        var parse = Root(world).Parse(args);
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

    public static RootCommand Root(World world)
    {
        var globals = new GlobalOptions();
        var verbs = new Verbs(world, globals);
        var root = new RootCommand("Deploys what you push: Git repositories, images and Compose files, on your own server, without dropping a request.");
        foreach (var option in globals.All)
        {
            root.Add(option);
        }

        foreach (var verb in All(verbs, root))
        {
            root.Add(verb);
        }

        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        root.Options.Remove(root.Options.OfType<VersionOption>().Single());
        return root;
    }

    private static IEnumerable<Command> All(Verbs verbs, RootCommand root) =>
    [
        UpCommand.Build(verbs),
        DownCommand.Build(verbs),
        DeployCommand.Build(verbs),
        PlanCommand.Build(verbs),
        StatusCommand.Build(verbs),
        LogsCommand.Build(verbs),
        ReleasesCommand.Build(verbs),
        RollbackCommand.Build(verbs),
        ScaleCommand.Build(verbs),
        StopStartCommands.BuildStop(verbs),
        StopStartCommands.BuildStart(verbs),
        StopStartCommands.BuildRestart(verbs),
        MaintenanceCommand.Build(verbs),
        PauseCommands.BuildPause(verbs),
        PauseCommands.BuildResume(verbs),
        EnvCommand.Build(verbs),
        SecretCommand.Build(verbs),
        RunCommand.BuildRun(verbs),
        RunCommand.BuildExec(verbs),
        ProjectsCommand.Build(verbs),
        EnvironmentsCommand.Build(verbs),
        TokensCommand.Build(verbs),
        DoctorCommand.Build(verbs),
        ExplainCommand.Build(verbs),
        VersionCommand.Build(verbs),
        CompletionCommand.Build(verbs, root),
        ServerCommand.Build(verbs),
        EdgeCommand.Build(verbs),
        SuperviseCommand.Build(verbs),
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
