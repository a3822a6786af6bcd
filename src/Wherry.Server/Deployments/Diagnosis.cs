using Wherry.Core.Deployments;
using Wherry.Core.Health;
using Wherry.Core.Model;
using Wherry.Core.Planning;
using Wherry.Core.Problems;
using Wherry.Docker;
using Wherry.Server.Logs;

namespace Wherry.Server.Deployments;

/// <summary>Finds out why something failed, while what failed is still there; <see cref="Cause"/> decides what is told.</summary>
internal sealed class Diagnosis(Engine engine, TimeProvider time)
{
    /// <summary>Lines of a log that are kept with a failure.</summary>
    public const int LastLines = 20;

    /// <summary>A line is cut only after secrets were masked in it, so that no half of one stays.</summary>
    private const int LongestLine = 400;

    /// <summary>The lines of a one-off stand in the deployment's log already.</summary>
    private const int LastLinesOfOneOff = 5;

    /// <summary>Longest wait for one that keeps restarting to exit again: while it runs, the engine does not tell how it ended before.</summary>
    private static readonly TimeSpan NextExit = TimeSpan.FromSeconds(5);

    /// <summary>The step with its problem's cause, when it ends a wait for healthy replicas; else the step as it is.</summary>
    public async Task<Step> OfGateAsync(DeploymentRun run, Step step, CancellationToken ct) => run.Gate is not { } gate || run.State.Present != gate.Step ? step : step switch
    {
        Step.Abandon s => s with { Problem = await OfGateAsync(run, gate, s.Problem, ct) },
        Step.Revert s => s with { Problem = await OfGateAsync(run, gate, s.Problem, ct) },
        Step.LeaveOut s => s with { Problem = await OfGateAsync(run, gate, s.Problem, ct) },
        Step.Skip { Problem: { } problem } s => s with { Problem = await OfGateAsync(run, gate, problem, ct) },
        Step.Finish { Problem: { } problem } s => s with { Problem = await OfGateAsync(run, gate, problem, ct) },
        _ => step,
    };

    /// <summary>Why a step failed: the edge's gate at the switch, or a container that the engine could not start.</summary>
    public async Task<Problem> OfStepAsync(DeploymentRun run, Step step, ProblemException failure, CancellationToken ct)
    {
        var problem = step switch
        {
            Step.SwitchTraffic s when failure.Probes.Count > 0 => await GatheredAsync(failure.Problem, token => OfReplicasAsync(run, s.Service, [.. run.Find(s.Service, s.Numbers)], failure.Problem, failure.Probes, token), ct),
            Step.StartReplicas or Step.WakeReplicas or Step.RunRelease or Step.RunToCompletion when failure.Problem.Code.StartsWith("docker/", StringComparison.Ordinal) =>
                await GatheredAsync(failure.Problem, token => OfStartAsync(run, step.About()!, failure.Problem, token), ct),
            _ => failure.Problem,
        };
        return Shown(problem, run.Log.Mask);
    }

    /// <summary>Why a container that was to do one thing failed at it.</summary>
    /// <param name="run">The deployment.</param>
    /// <param name="spec">The service.</param>
    /// <param name="id">The container; it is still there.</param>
    /// <param name="name">Subject of the sentence.</param>
    /// <param name="code">With which it exited.</param>
    /// <param name="ct">Stops looking.</param>
    public async Task<Problem> OfOneOffAsync(DeploymentRun run, ServiceSpec spec, string id, string name, int code, CancellationToken ct)
    {
        var told = new Problem("release/failed", $"{name} exited with code {ExitCode.Named(code)}.", "Its output stands above. Nothing was switched; mend it and deploy again.");
        return await GatheredAsync(told, async token =>
        {
            var seen = await WithContainerAsync(await FindingsAsync(run, spec.Name, name, told, token), id, token);
            var cause = Cause.Of(seen with { ExitCode = code, Lines = [.. seen.Lines.TakeLast(LastLinesOfOneOff)] });
            return cause.Code == told.Code ? told with { Evidence = cause.Evidence } : cause;
        }, ct);
    }

    /// <summary>A wait that somebody ended has no other cause.</summary>
    private async Task<Problem> OfGateAsync(DeploymentRun run, PresentGate gate, Problem told, CancellationToken ct) => !told.Code.StartsWith("health/", StringComparison.Ordinal) ? told
        : Shown(await GatheredAsync(told, token => OfReplicasAsync(run, gate.Step.About()!, gate.Replicas, told, gate.Probes, token), ct), run.Log.Mask);

    /// <summary>The cause of the replica that tells most; one that exited tells more than one that is not reached.</summary>
    private async Task<Problem> OfReplicasAsync(DeploymentRun run, ServiceName service, IReadOnlyList<ObservedReplica> replicas, Problem told, IReadOnlyList<ProbeReport> probes, CancellationToken ct)
    {
        var all = new List<Findings>();
        foreach (var replica in replicas)
        {
            var probe = probes.FirstOrDefault(p => p.Target == EdgeServices.TargetId(replica.Id));
            var seen = await FindingsAsync(run, service, $"{service}-{replica.Number}", told, ct);
            all.Add(await WithContainerAsync(seen with { Probe = probe, ProbedPort = Probed(run, service) }, replica.Id, ct));
        }

        var worst = all.OrderBy(s => s switch { { OutOfMemory: true } => 0, { ExitCode: not null } => 1, { Probe: not null } => 2, _ when told.Message.StartsWith($"{s.Name} ", StringComparison.Ordinal) => 3, _ => 4 }).FirstOrDefault();
        var cause = worst is null ? told : Cause.Of(worst);
        return told.Hint.EndsWith(DeployFlow.LeftAlone, StringComparison.Ordinal) && cause != told ? cause with { Hint = $"{cause.Hint} {DeployFlow.LeftAlone}" } : cause;
    }

    private async Task<Problem> OfStartAsync(DeploymentRun run, ServiceName service, Problem told, CancellationToken ct)
    {
        var spec = run.FindSpec(service);
        var seen = await FindingsAsync(run, service, service.Value, told, ct);
        var image = spec?.Image is { } name ? await engine.Images.FindAsync(name, ct) : null;
        return StartCause.Of(seen with { Command = [.. spec?.Entrypoint ?? image?.Entrypoint ?? [], .. spec?.Command ?? image?.Command ?? []] });
    }

    private async Task<Findings> FindingsAsync(DeploymentRun run, ServiceName service, string name, Problem told, CancellationToken ct)
    {
        var spec = run.FindSpec(service);
        var image = spec?.Image is { } reference ? await engine.Images.FindAsync(reference, ct) : null;
        var server = await engine.VersionAsync(ct);
        return new Findings
        {
            Name = name,
            Service = service,
            Told = told,
            MemoryLimit = spec?.Resources.Memory,
            ImagePlatform = image is { Architecture.Length: > 0 } ? $"{image.Os}/{image.Architecture}" : "",
            ServerPlatform = $"{server.Os}/{server.Architecture}",
            Waiting = run.Target is { } release ? Dependents.Waiting(release.Model, service) : [],
        };
    }

    private async Task<Findings> WithContainerAsync(Findings seen, string id, CancellationToken ct)
    {
        if (await EndedAsync(id, seen.Told.Code == "health/restarting", ct) is not { } info)
        {
            return seen;
        }

        // Of one that was started again only the last run: the end of the run before would stand first.
        var lines = await LinesAsync(id, info.RestartCount > 0 ? info.StartedAt : null, ct);
        if (lines.Count == 0 && info.RestartCount > 0)
        {
            lines = await LinesAsync(id, null, ct);
        }

        return seen with
        {
            ExitCode = info.State is ContainerState.Exited or ContainerState.Dead or ContainerState.Restarting ? info.ExitCode : null,
            Restarts = info.RestartCount,
            OutOfMemory = info.OomKilled,
            Command = info.Command,
            Listeners = info.State == ContainerState.Running ? await ContainerSockets.FindAsync(info.HostPid, ct) : null,
            CheckOutput = PresentGate.OneLine(info.LastHealthOutput),
            Lines = lines,
        };
    }

    private async Task<List<string>> LinesAsync(string id, DateTimeOffset? since, CancellationToken ct)
    {
        var lines = new List<string>();
        try
        {
            await foreach (var line in engine.Containers.LogsAsync(id, new LogQuery { Since = since, Tail = LastLines, Timestamps = false }, ct))
            {
                lines.Add(line.Text);
            }
        }
        catch (ProblemException e) when (e.Problem.Code == "docker/logs-not-kept")
        {
            // The file asked for that; the cause is told from what else is known.
        }

        return lines;
    }

    private async Task<ContainerInfo?> EndedAsync(string id, bool restarts, CancellationToken ct)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            var info = await engine.Containers.FindAsync(id, ct);
            if (!restarts || info is not { State: ContainerState.Running } || time.GetElapsedTime(start) > NextExit)
            {
                return info;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), time, ct);
        }
    }

    private static int? Probed(DeploymentRun run, ServiceName service) =>
        run.FindSpec(service) is { Routes: [var first, ..] } spec ? spec.Health?.Port ?? first.Port : null;

    /// <summary>An engine that does not answer now does not hide what was known before.</summary>
    private static async Task<Problem> GatheredAsync(Problem told, Func<CancellationToken, Task<Problem>> gather, CancellationToken ct)
    {
        try
        {
            return await gather(ct);
        }
        catch (ProblemException)
        {
            return told;
        }
    }

    private static Problem Shown(Problem problem, SecretMask mask)
    {
        var masked = mask.Apply(problem);
        return masked with { Evidence = [.. masked.Evidence.Select(Cut)] };
    }

    private static string Cut(string line)
    {
        var plain = string.Concat(line.Where(c => c == '\t' || !char.IsControl(c)));
        return plain.Length > LongestLine ? $"{plain[..LongestLine]}…" : plain;
    }
}
