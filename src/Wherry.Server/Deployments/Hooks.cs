using System.Globalization;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Docker;

namespace Wherry.Server.Deployments;

/// <summary>Runs a service's hooks inside its containers, with their output in the deployment's log.</summary>
internal static class Hooks
{
    /// <summary>What the engine gives a container that names none.</summary>
    private static readonly TimeSpan UsualGrace = TimeSpan.FromSeconds(10);

    /// <summary>After the start. The container counts as started when all of them have succeeded.</summary>
    /// <exception cref="ProblemException"><c>service/hook-failed</c>.</exception>
    public static async Task AfterStartAsync(Engine engine, DeploymentRun run, ServiceSpec? spec, string id, CancellationToken ct)
    {
        foreach (var hook in spec?.PostStart ?? [])
        {
            if (await RunAsync(engine, run, spec!, hook, id, spec!.Health?.Deadline ?? new HealthSpec().Deadline, ct) is { } failed)
            {
                throw Failed(spec!, "post_start", failed).AsException();
            }
        }
    }

    /// <summary>Before the stop signal. One that fails is told, and the container is stopped all the same: its successor may serve already.</summary>
    public static async Task BeforeStopAsync(Engine engine, DeploymentRun run, ServiceSpec? spec, string id, CancellationToken ct)
    {
        if (spec?.PreStop is not { } hooks || await engine.Containers.FindAsync(id, ct) is not { State: ContainerState.Running })
        {
            return;
        }

        foreach (var hook in hooks)
        {
            try
            {
                if (await RunAsync(engine, run, spec, hook, id, spec.StopGrace ?? UsualGrace, ct) is { } failed)
                {
                    await run.Log.WriteAsync(Failed(spec, "pre_stop", failed));
                }
            }
            catch (ProblemException e) when (e.Problem.Code is "docker/conflict" or "docker/not-found")
            {
                return; // it has stopped by itself
            }
        }
    }

    /// <returns>What went wrong; <see langword="null"/> when nothing did.</returns>
    private static async Task<string?> RunAsync(Engine engine, DeploymentRun run, ServiceSpec spec, Hook hook, string id, TimeSpan within, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(within);
        ExecResult result;
        try
        {
            result = await engine.Exec.RunAsync(
                id, new ExecSpec { Command = hook.Command, User = hook.User, Privileged = hook.Privileged, WorkingDir = hook.WorkingDir, Environment = hook.Environment }, limit.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{Problem.Quoted(string.Join(' ', hook.Command))} did not end within {within.TotalSeconds:0.#} s");
        }

        foreach (var (stream, text) in new[] { ("stdout", result.Stdout), ("stderr", result.Stderr) })
        {
            foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                await run.Log.WriteAsync(spec.Name.Value, stream, line);
            }
        }

        return result.ExitCode == 0 ? null : $"{Problem.Quoted(string.Join(' ', hook.Command))} exited with code {result.ExitCode}";
    }

    private static Problem Failed(ServiceSpec spec, string key, string why) => new(
        "service/hook-failed", $"The {key} hook of {spec.Name} failed: {why}.", "Its output stands above this in the deployment's log. Mend the command, then deploy again.");
}
