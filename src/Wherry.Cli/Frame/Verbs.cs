using System.CommandLine;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Wherry.Client;
using Wherry.Core.Problems;

namespace Wherry.Cli.Frame;

/// <summary>Runs what a verb does, and is the one place where a failure becomes words and an exit code.</summary>
internal sealed class Verbs(World world, GlobalOptions globals)
{
    public World World => world;

    /// <summary>Says what <paramref name="verb"/> does.</summary>
    public Command On(Command verb, Func<Call, CancellationToken, Task<Exit>> act)
    {
        verb.SetAction((parse, ct) => RunAsync(parse, act, ct));
        return verb;
    }

    /// <summary>A verb of several: <c>wherry projects create</c>. Alone it lists.</summary>
    public static Command Group(Verb verb, Command list, params IEnumerable<Command> others)
    {
        foreach (var command in others.Prepend(list))
        {
            verb.Add(command);
        }

        verb.Action = list.Action;
        return verb;
    }

    private async Task<int> RunAsync(ParseResult parse, Func<Call, CancellationToken, Task<Exit>> act, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Stop(signal, stop));
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Stop(signal, stop));
        using var call = new Call(world, globals, parse);
        try
        {
            return (int)await act(call, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return (int)Exit.Interrupted;
        }
        catch (ApiException e)
        {
            return (int)Tell(Unreachable.InWords(e, call), ExitOf(e.Problem.Code));
        }
        catch (ProblemException e)
        {
            return (int)Tell(new(e.Problem.Code, e.Problem.Message, e.Problem.Hint), ExitOf(e.Problem.Code));
        }
        catch (IOException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.Shutdown })
        {
            return (int)Tell(new("server/connection-lost", $"The connection to the server broke: {e.Message}", "What it was doing goes on there; see `wherry status`."), Exit.Unreachable);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (int)Tell(new("cli/file", e.Message, "Check the path, its mode, and that the disk has room."), Exit.Rejected);
        }
    }

    // A second Ctrl-C ends the program at once.
    private static void Stop(PosixSignalContext signal, CancellationTokenSource stop)
    {
        signal.Cancel = !stop.IsCancellationRequested;
        stop.Cancel();
    }

    /// <summary>The kind of a failure, from its code.</summary>
    internal static Exit ExitOf(string code) => code switch
    {
        "token/missing" => Exit.Usage,
        "server/unreachable" or "server/connection-lost" or "session/lost" or "docker/unreachable" or "edge/unreachable" or "store/unreachable" => Exit.Unreachable,
        _ when code.StartsWith("cli/", StringComparison.Ordinal) => Exit.Usage,
        _ => Exit.Rejected,
    };

    private Exit Tell(ApiProblem problem, Exit exit)
    {
        ProblemText.Write(world.Err, problem, world.ColourErr);
        return exit;
    }
}
