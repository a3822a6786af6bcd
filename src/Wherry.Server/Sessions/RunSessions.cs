using System.Security.Cryptography;
using Wherry.Client;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Docker;
using Wherry.Server.Environments;

namespace Wherry.Server.Sessions;

/// <summary>Commands in new one-off containers of the current release, which are removed afterwards.</summary>
internal sealed class RunSessions(Engine engine, HomeId home, IReleaseSpecs specs)
{
    /// <summary>Value of the label <see cref="Labels.OneOff"/>.</summary>
    public const string Purpose = "run";

    private const int CommandNotFound = 127;

    /// <exception cref="ProblemException"><c>service/not-found</c>.</exception>
    public async Task ServeAsync(EnvironmentRef environment, ServiceName service, ExecRequest request, SessionRelay relay, CancellationToken ct)
    {
        var spec = await specs.OneOffAsync(environment, service.Value, request.Command, request.Variables ?? new Dictionary<string, string>(), ct)
            ?? throw new Problem("service/not-found", $"The current release of {environment} has no service {service}.", "See `wherry status` for its services; before the first deployment there are none.").AsException();
        var id = await engine.Containers.CreateAsync(Container(environment, service, spec.Container, request), ct);
        try
        {
            if (spec.Files is { } files)
            {
                await using var tar = files();
                await engine.Containers.PutArchiveAsync(id, "/", tar, ct);
            }

            await ServeAsync(id, request, relay, ct);
        }
        finally
        {
            // Also when the caller left or the server stops: it must not stay.
            await engine.Containers.RemoveAsync(id, TimeSpan.Zero, removeAnonymousVolumes: true, CancellationToken.None);
        }
    }

    private async Task ServeAsync(string id, ExecRequest request, SessionRelay relay, CancellationToken ct)
    {
        await using var session = await engine.Containers.AttachAsync(id, ct);
        try
        {
            await engine.Containers.StartAsync(id, ct);
        }
        catch (ProblemException e) when (e.Problem.Code == "docker/command-not-found")
        {
            await relay.SendOutputAsync(LogStream.Stderr, System.Text.Encoding.UTF8.GetBytes(e.Problem.Message + "\n"), ct);
            await relay.SendExitAsync(CommandNotFound, ct);
            return;
        }

        if (request.Tty)
        {
            await session.ResizeAsync(request.Columns, request.Rows, ct);
        }

        await relay.RelayAsync(session, request.Input, ct);
    }

    /// <summary>Nobody counts it as a replica or sends it traffic: no replica number, no ports, no name on the network.</summary>
    private ContainerSpec Container(EnvironmentRef environment, ServiceName service, ContainerSpec spec, ExecRequest request)
    {
        var labels = spec.Labels.Where(l => l.Key != Labels.Replica).ToDictionary();
        labels[Labels.Home] = home.Value;
        labels[Labels.Project] = environment.Project.Value;
        labels[Labels.Environment] = environment.Name.Value;
        labels[Labels.Service] = service.Value;
        labels[Labels.OneOff] = Purpose;
        return spec with
        {
            Name = $"{environment.Prefix}-{service}-{Purpose}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}",
            Labels = labels,
            Ports = [],
            Restart = new RestartPolicy(RestartCondition.No),
            Healthcheck = new Healthcheck(["NONE"], null, null, null, null),
            Networks = [.. spec.Networks.Select(n => n with { Aliases = [], Ipv4 = null })],
            Tty = request.Tty,
            OpenStdin = request.Input,
            User = request.User ?? spec.User,
            WorkingDir = request.WorkingDir ?? spec.WorkingDir,
        };
    }
}
