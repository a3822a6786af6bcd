using System.Globalization;
using Wherry.Core.Deployments;
using Wherry.Core.Model;
using Wherry.Core.Planning;
using Wherry.Core.Routing;

namespace Wherry.Server.Deployments;

/// <summary>Moves traffic by telling the edge.</summary>
internal sealed class TrafficSwitch(EdgeClient edge, SiteFiles sites, SteadyClock clock)
{
    /// <summary>Longest time that a request is held while a service is recreated.</summary>
    private static readonly TimeSpan HoldAtMost = TimeSpan.FromMinutes(2);

    /// <param name="run">The deployment.</param>
    /// <param name="spec"><see langword="null"/> when the service is in no release any more: its routes go.</param>
    /// <param name="step">Who serves from now on.</param>
    /// <param name="ct">Before the switch: nothing changes. After it the edge drains on by itself.</param>
    public async Task SwitchAsync(DeploymentRun run, ServiceSpec? spec, Step.SwitchTraffic step, CancellationToken ct)
    {
        if (spec is null)
        {
            await RemoveAsync(run, step.Service, ct);
            return;
        }

        var numbers = SwitchTargets.Of(run.State, run.World, step);
        foreach (var dead in step.Numbers.Except(numbers))
        {
            await run.Log.WriteAsync(step.Service.Value, "wherry", $"{step.Service}-{dead} runs no more and is left out");
        }

        var to = run.Find(step.Service, numbers).ToList();
        var key = EdgeClient.Key(run.Environment, step.Service);
        var files = await TakeOutFilesAsync(run, spec, to, ct);
        var split = step.Share is { } share ? EdgeServices.Split(spec, share, to) : null;
        var report = await edge.SwitchAsync(key, EdgeServices.In(run, spec, to, step.Share) with { Files = files, Split = split }, ct);
        sites.Prune(key, files);
        await run.Log.WriteAsync(step.Service.Value, "wherry", step.Share is null ? Told(report) : "its visitors are split");
        if (report.Cut > 0)
        {
            run.Interruptions.Add($"{report.Cut} requests to {step.Service} were cut");
        }
    }

    public async Task HoldAsync(DeploymentRun run, ServiceName service, CancellationToken ct)
    {
        if ((await FindAsync(run, service, ct))?.Mode == ServiceMode.Running)
        {
            run.Held.Add(service);
            run.HeldSince[service] = clock.GetUtcNow();
            await edge.PauseAsync(EdgeClient.Key(run.Environment, service), new PauseRequest(HoldAtMost), ct);
        }
    }

    /// <summary>Only what this deployment held goes on; a pause by an operator stays.</summary>
    public async Task ReleaseAsync(DeploymentRun run, ServiceName service, CancellationToken ct)
    {
        if ((run.Held.Remove(service) || run.TakenUp) && (await FindAsync(run, service, ct))?.Mode == ServiceMode.Paused)
        {
            await edge.ResumeAsync(EdgeClient.Key(run.Environment, service), ct);
            if (run.HeldSince.Remove(service, out var since))
            {
                var told = string.Create(CultureInfo.InvariantCulture, $"requests to {service} were held for {(clock.GetUtcNow() - since).TotalSeconds:0.#} s");
                run.Interruptions.Add(told);
                await run.Log.WriteAsync(service.Value, "wherry", told);
            }
        }
    }

    public async Task RemoveAsync(DeploymentRun run, ServiceName service, CancellationToken ct)
    {
        var key = EdgeClient.Key(run.Environment, service);
        await edge.RemoveAsync(key, ct);
        sites.Prune(key, serving: null);
    }

    /// <summary>Those of the release before, as long as one of its replicas serves too: a canary that fails has changed nothing for the others.</summary>
    private Task<string?> TakeOutFilesAsync(DeploymentRun run, ServiceSpec spec, IReadOnlyList<ObservedReplica> to, CancellationToken ct)
    {
        var hash = SpecHash.Of(spec);
        return run.Current is { } current && current.Model.Services.GetValueOrDefault(spec.Name) is { } before && to.Any(r => r.Hash != hash)
            ? sites.TakeOutAsync(run, current, before, ct)
            : sites.TakeOutAsync(run, (run.Target ?? run.Current)!, spec, ct);
    }

    private async Task<EdgeServiceState?> FindAsync(DeploymentRun run, ServiceName service, CancellationToken ct) =>
        (await edge.ListAsync(ct)).FirstOrDefault(s => s.Key == EdgeClient.Key(run.Environment, service));

    private static string Told(SwitchReport report) => report.Drained + report.Cut == 0
        ? "traffic is switched"
        : string.Create(CultureInfo.InvariantCulture, $"traffic is switched; {report.Drained} requests finished on the old replicas in {report.DrainTook.TotalSeconds:0.##} s; {report.Cut} were cut at the end of the drain time");
}
