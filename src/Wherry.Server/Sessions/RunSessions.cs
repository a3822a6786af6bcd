using System.Security.Cryptography;
using Wherry.Client;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Docker;
using Wherry.Server.Deployments;
using Wherry.Server.Environments;
using Release = Wherry.Core.Model.Release;

namespace Wherry.Server.Sessions;

/// <summary>Commands in new one-off containers of the current release, which are removed afterwards.</summary>
internal sealed class RunSessions(Engine engine, ReleaseStore releases, ContainerSpecs specs)
{
    /// <summary>Value of the label <see cref="Labels.OneOff"/>.</summary>
    public const string Purpose = "run";

    private const int CommandNotFound = 127;

    /// <summary>Begins the id of every session of this process.</summary>
    private readonly string _process = RandomNumberGenerator.GetHexString(8, lowercase: true);

    /// <summary>A container of this process's sessions, by its labels.</summary>
    public bool Began(IReadOnlyDictionary<string, string> labels) => labels.GetValueOrDefault(Labels.Deployment)?.StartsWith(_process, StringComparison.Ordinal) == true;

    /// <exception cref="ProblemException"><c>service/not-found</c>.</exception>
    public async Task ServeAsync(EnvironmentRef environment, ServiceName service, ExecRequest request, SessionRelay relay, CancellationToken ct)
    {
        var release = await releases.FindCurrentAsync(environment, ct);
        if (release?.Model.Services.GetValueOrDefault(service) is not { } spec)
        {
            throw new Problem("service/not-found", $"The current release of {environment} has no service {service}.", "See `wherry status` for its services; before the first deployment there are none.").AsException();
        }

        var id = await engine.Containers.CreateAsync(Container(environment, release, spec, request), ct);
        try
        {
            await FileMounts.PutAsync(engine, id, spec.Files, ct);
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

        await relay.RelayAsync(session, request, ct);
    }

    /// <summary>As a release command is run, with what the caller wants instead.</summary>
    private ContainerSpec Container(EnvironmentRef environment, Release release, ServiceSpec service, ExecRequest request)
    {
        var made = specs.OneOff(environment, release, service, Purpose, request.Command, _process + RandomNumberGenerator.GetHexString(8, lowercase: true));
        var variables = made.Environment.ToDictionary();
        foreach (var (name, value) in request.Variables ?? new Dictionary<string, string>())
        {
            variables[VariableName.Parse(name).Value] = value;
        }

        return made with
        {
            Environment = variables,
            Tty = request.Tty,
            OpenStdin = request.Input,
            User = request.User ?? made.User,
            WorkingDir = request.WorkingDir ?? made.WorkingDir,
        };
    }
}
