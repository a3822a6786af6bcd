using System.CommandLine;
using System.Net.WebSockets;
using Wherry.Cli.Frame;
using Wherry.Cli.Output;
using Wherry.Client;
using Wherry.Core.Problems;

namespace Wherry.Cli.Sessions;

/// <summary><c>wherry run</c> in a new one-off container, and <c>wherry exec</c> in a running replica. Both end with the command's own exit code.</summary>
internal static class RunCommand
{
    public static Command BuildRun(Verbs verbs)
    {
        var options = new SessionOptions();
        var verb = new Verb("run", "Runs a command in a new container of the current release, which is removed afterwards", "wherry run web -- bin/migrate", "wherry run web --set DRY_RUN=1 -- npm run import --all", "cat dump.sql | wherry run -i web -- psql");
        return Build(verbs, verb, options, null, (client, project, environment, service, ct) => client.RunAsync(project, environment, service, ct));
    }

    public static Command BuildExec(Verbs verbs)
    {
        var replica = new Option<int?>("--replica") { Description = "Number of the replica (default: the lowest that runs)", HelpName = "N" };
        var verb = new Verb("exec", "Runs a command in a running replica", "wherry exec web -- sh", "wherry exec db -- pg_dump shop > dump.sql", "wherry exec --replica 2 web -- ps") { replica };
        return Build(verbs, verb, new SessionOptions(), replica, (client, project, environment, service, ct) => client.ExecAsync(project, environment, service, ct));
    }

    private static Command Build(Verbs verbs, Verb verb, SessionOptions options, Option<int?>? replica, Func<WherryClient, string, string, string, CancellationToken, Task<WebSocket>> open)
    {
        options.AddTo(verb);
        return verbs.On(verb, async (call, ct) =>
        {
            var request = options.Request(call) with { Replica = replica is null ? null : call.Get(replica) };
            using var socket = await open(call.Client, await call.ProjectAsync(ct), call.Environment, options.Service(call), ct);
            using var raw = request.Tty ? Terminal.Raw() : null;
            return (Exit)await SessionPump.RunAsync(socket, request, call.World.In, call.World.OutBytes, call.World.ErrBytes, request.Tty ? TerminalSizes.ChangesAsync(ct) : null, ct);
        });
    }
}

/// <summary>Options of <c>run</c> and <c>exec</c>.</summary>
internal sealed class SessionOptions
{
    private readonly Argument<string> _service = new("service") { Description = "Service to run in" };
    private readonly Argument<string[]> _command = new("command") { Description = "Command and its arguments", Arity = ArgumentArity.OneOrMore };
    private readonly Option<bool> _input = new("--interactive", "-i") { Description = "Send standard input to the command (always with a terminal)" };
    private readonly Option<bool> _tty = new("--tty", "-t") { Description = "Give the command a terminal (default: when this is one)" };
    private readonly Option<bool> _noTty = new("--no-tty", "-T") { Description = "Do not give the command a terminal" };
    private readonly Option<string[]> _set = new("--set") { Description = "Variable for this command only; may be repeated", HelpName = "NAME=VALUE" };
    private readonly Option<string?> _user = new("--user") { Description = "User to run as", HelpName = "USER" };
    private readonly Option<string?> _folder = new("--workdir") { Description = "Folder to run in", HelpName = "FOLDER" };

    public void AddTo(Command command)
    {
        foreach (var option in (IEnumerable<Option>)[_input, _tty, _noTty, _set, _user, _folder])
        {
            command.Add(option);
        }

        command.Add(_service);
        command.Add(_command);
        _set.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(t => t.Value.IndexOf('=', StringComparison.Ordinal) < 1))
            {
                result.AddError($"\"{token.Value}\" is not NAME=VALUE.");
            }
        });
    }

    public string Service(Call call) => call.Get(_service)!;

    /// <exception cref="ProblemException"><c>cli/double-dash</c>.</exception>
    public ExecRequest Request(Call call)
    {
        if (!call.HasDoubleDash)
        {
            throw new Problem("cli/double-dash", "The command must be set off by --.", $"Write it as: wherry … {Service(call)} -- {string.Join(' ', call.Get(_command)!)}").AsException();
        }

        var tty = !call.Get(_noTty) && (call.Get(_tty) || (call.World.InIsTerminal && call.World.OutIsTerminal));
        var (columns, rows) = Terminal.SizeOf(Terminal.StandardInput);
        var variables = (call.Get(_set) ?? []).Select(v => v.Split('=', 2)).ToDictionary(v => v[0], v => v[1]);
        return new ExecRequest(call.Get(_command)!, variables, tty, tty || call.Get(_input), columns, rows, null, call.Get(_user), call.Get(_folder));
    }
}
