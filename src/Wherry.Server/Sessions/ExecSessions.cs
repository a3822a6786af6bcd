using System.Globalization;
using Wherry.Client;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Docker;
using Wherry.Server.Environments;

namespace Wherry.Server.Sessions;

/// <summary>Commands in running replicas.</summary>
internal sealed class ExecSessions(Engine engine, HomeId home)
{
    /// <exception cref="ProblemException"><c>service/not-running</c>.</exception>
    public async Task ServeAsync(EnvironmentRef environment, ServiceName service, ExecRequest request, SessionRelay relay, CancellationToken ct)
    {
        var container = await FindAsync(environment, service, request.Replica, ct);
        await using var session = await engine.Exec.StartAsync(
            container,
            new ExecSpec
            {
                Command = request.Command,
                Environment = (request.Variables ?? new Dictionary<string, string>()).ToDictionary(v => VariableName.Parse(v.Key).Value, v => v.Value),
                Tty = request.Tty,
                AttachStdin = request.Input,
                User = request.User,
                WorkingDir = request.WorkingDir,
            },
            ct);
        var ended = false;
        try
        {
            ended = await relay.RelayAsync(session, request, ct);
        }
        finally
        {
            if (!ended)
            {
                await KillAsync(container, session);
            }
        }
    }

    /// <summary>The engine has no call for this; its processes are seen when it runs on this machine. Elsewhere the command goes on without input.</summary>
    private static async Task KillAsync(string container, ExecSession session)
    {
        try
        {
            // The caller's token is the reason for being here.
            HostProcess.TryKill(container, await session.HostPidAsync(CancellationToken.None));
        }
        catch (ProblemException)
        {
            // The engine is away, or the container is gone and the command with it.
        }
    }

    private async Task<string> FindAsync(EnvironmentRef environment, ServiceName service, int? replica, CancellationToken ct)
    {
        var labels = new Dictionary<string, string?>
        {
            [Labels.Home] = home.Value,
            [Labels.Project] = environment.Project.Value,
            [Labels.Environment] = environment.Name.Value,
            [Labels.Service] = service.Value,
            [Labels.Replica] = null,
        };
        var running = (await engine.Containers.ListAsync(labels, all: false, ct))
            .Where(c => c.State == ContainerState.Running && !c.Labels.ContainsKey(Labels.OneOff))
            .Select(c => (c.Id, Number: int.TryParse(c.Labels[Labels.Replica], CultureInfo.InvariantCulture, out var number) ? number : int.MaxValue))
            .OrderBy(c => c.Number)
            .ToList();
        return running.Find(c => replica is null || c.Number == replica).Id ?? throw (running.Count == 0
            ? new Problem("service/not-running", $"No replica of {service} runs in {environment}.", "See `wherry status`; start it with `wherry start`, or use `wherry run`, which needs no running replica.").AsException()
            : new Problem("service/not-running", $"Replica {replica} of {service} does not run in {environment}.", $"These do: {string.Join(", ", running.Select(c => c.Number))}.").AsException());
    }
}
