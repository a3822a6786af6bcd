using System.Globalization;
using Wherry.Core.Health;
using Wherry.Core.Model;
using Wherry.Core.Planning;
using Wherry.Core.Problems;
using Wherry.Docker;

namespace Wherry.Server.Deployments;

/// <summary>Makes, starts, stops and removes an environment's containers, networks and volumes. Finds what is there by label before it makes anything.</summary>
internal sealed class ReplicaDriver(Engine engine, EdgeClient edge, ContainerSpecs specs, EngineNames names, OneOffs oneOffs, SteadyClock clock)
{
    /// <exception cref="ProblemException"><c>network/foreign</c> when somebody else has the name.</exception>
    public async Task EnsureNetworkAsync(DeploymentRun run, string network, CancellationToken ct)
    {
        var model = run.Target!.Model;
        var name = names.Network(run.Environment, model, network);
        if (await engine.Networks.FindAsync(name, ct) is { } found)
        {
            RefuseForeign("network", name, found.Labels, run);
            return;
        }

        var spec = model.Networks.GetValueOrDefault(network) ?? new NetworkSpec();
        await engine.Networks.CreateAsync(new NetworkCreate { Name = name, Driver = spec.Driver ?? "bridge", Internal = spec.Internal, Options = spec.DriverOptions, Labels = Merged(spec.Labels, run) }, ct);
    }

    /// <exception cref="ProblemException"><c>volume/foreign</c> when somebody else has the name.</exception>
    public async Task EnsureVolumeAsync(DeploymentRun run, string volume, CancellationToken ct)
    {
        var model = run.Target!.Model;
        var name = names.Volume(run.Environment, model, volume);
        if (await engine.Volumes.FindAsync(name, ct) is { } found)
        {
            RefuseForeign("volume", name, found.Labels, run);
            return;
        }

        var spec = model.Volumes.GetValueOrDefault(volume) ?? new VolumeSpec();
        await engine.Volumes.CreateAsync(new VolumeCreate { Name = name, Driver = spec.Driver ?? "local", DriverOptions = spec.DriverOptions, Labels = Merged(spec.Labels, run) }, ct);
    }

    public async Task RunReleaseAsync(DeploymentRun run, ServiceSpec spec, CancellationToken ct)
    {
        var container = Stepped(run, specs.OneOff(run.Environment, run.Target!, spec, "release", spec.Release, run.State.Id));
        await oneOffs.RunAsync(run, spec, await Providers.JoinAsync(engine, run, container, ct), "release command", keep: false, ct);
    }

    public async Task RunToCompletionAsync(DeploymentRun run, ServiceSpec spec, int number, CancellationToken ct)
    {
        var container = Stepped(run, specs.Replica(run.Environment, run.Target!, spec, number, run.State.Id)) with { Restart = new RestartPolicy(RestartCondition.No) };
        container = spec.Logging is { IsReadable: false } ? container with { Logs = null } : container; // its output goes into the deployment's log
        await oneOffs.RunAsync(run, spec, await Providers.JoinAsync(engine, run, container, ct), "run", keep: true, ct);
    }

    public Task StartAsync(DeploymentRun run, ServiceSpec spec, IReadOnlyList<int> numbers, CancellationToken ct) =>
        Task.WhenAll(numbers.Select(n => StartOneAsync(run, spec, n, ct)));

    public Task WakeAsync(DeploymentRun run, ServiceName service, IReadOnlyList<int> numbers, CancellationToken ct) =>
        Task.WhenAll(run.Find(service, numbers).Select(r => WakeOneAsync(run, r, ct)));

    public Task StopAsync(DeploymentRun run, ServiceName service, IReadOnlyList<int> numbers, TimeSpan grace, CancellationToken ct)
    {
        if (!run.HeldSince.ContainsKey(service) && run.State.Plan.Steps.Skip(run.State.Done).Any(s => s is Step.StartReplicas start && start.Service == service))
        {
            run.Interruptions.Add($"{service} was stopped while it was replaced");
        }

        return Task.WhenAll(run.Find(service, numbers).Select(r => StopOneAsync(run, r, grace, ct)));
    }

    public Task RemoveAsync(DeploymentRun run, ServiceName service, IReadOnlyList<int> numbers, TimeSpan grace, CancellationToken ct) =>
        Task.WhenAll(run.Find(service, numbers).Select(r => RemoveOneAsync(run, r, grace, ct)));

    /// <param name="run">The deployment.</param>
    /// <param name="spec">The service.</param>
    /// <param name="step">Waits for the health of these.</param>
    /// <param name="numbers">Which replicas.</param>
    /// <param name="ct">Ends the probes.</param>
    public async Task<PresentGate> OpenGateAsync(DeploymentRun run, ServiceSpec spec, Step step, IReadOnlyList<int> numbers, CancellationToken ct)
    {
        var image = await engine.Images.FindAsync(spec.Image!, ct);
        var replicas = run.Find(spec.Name, numbers).ToList();
        var gate = HealthGate.For(spec, image?.HasHealthcheck ?? false);
        var judge = new EdgeJudge(edge, EdgeClient.Key(run.Environment, spec.Name), EdgeServices.In(run, spec, spec.Sharing?.HasAddresses() is false ? [] : replicas), serving: step is not Step.AwaitHealthy, clock);
        return new PresentGate(engine, step, gate, replicas, judge, ct) { Since = clock.GetUtcNow(), Clock = clock, Began = number => run.State.Starts(spec.Name, number) ? run.Began : DateTimeOffset.MinValue };
    }

    private async Task StartOneAsync(DeploymentRun run, ServiceSpec spec, int number, CancellationToken ct)
    {
        var made = Stepped(run, specs.Replica(run.Environment, run.Target!, spec, number, run.State.Id));
        var id = (await engine.Containers.FindAsync(made.Name, ct))?.Id ?? await engine.Containers.CreateAsync(await Providers.JoinAsync(engine, run, made, ct), ct);
        await FileMounts.PutAsync(engine, id, spec.Files, ct);
        await engine.Containers.StartAsync(id, ct);
        await Hooks.AfterStartAsync(engine, run, spec, id, ct);
    }

    private async Task WakeOneAsync(DeploymentRun run, ObservedReplica replica, CancellationToken ct)
    {
        await engine.Containers.StartAsync(replica.Id, ct);
        await Hooks.AfterStartAsync(engine, run, MadeFrom(run, replica), replica.Id, ct);
    }

    private async Task StopOneAsync(DeploymentRun run, ObservedReplica replica, TimeSpan grace, CancellationToken ct)
    {
        await Hooks.BeforeStopAsync(engine, run, MadeFrom(run, replica), replica.Id, ct);
        await engine.Containers.StopAsync(replica.Id, grace, ct);
    }

    private async Task RemoveOneAsync(DeploymentRun run, ObservedReplica replica, TimeSpan grace, CancellationToken ct)
    {
        if (grace > TimeSpan.Zero)
        {
            await Hooks.BeforeStopAsync(engine, run, MadeFrom(run, replica), replica.Id, ct);
        }

        await engine.Containers.RemoveAsync(replica.Id, grace, removeAnonymousVolumes: true, ct);
    }

    /// <summary>Of an old replica the settings are those of the release before.</summary>
    private static ServiceSpec? MadeFrom(DeploymentRun run, ObservedReplica replica) =>
        new[] { run.Target, run.Current }.Select(r => r?.Model.Services.GetValueOrDefault(replica.Service)).FirstOrDefault(s => s is not null && SpecHash.Of(s) == replica.Hash)
            ?? run.FindSpec(replica.Service);

    /// <summary>Says which entry of the journal made it.</summary>
    private static ContainerSpec Stepped(DeploymentRun run, ContainerSpec made) =>
        made with { Labels = new Dictionary<string, string>(made.Labels) { [Labels.Step] = run.State.Done.ToString(CultureInfo.InvariantCulture) } };

    private Dictionary<string, string> Merged(IReadOnlyDictionary<string, string> labels, DeploymentRun run)
    {
        var all = new Dictionary<string, string>(labels);
        foreach (var (key, value) in specs.Owned(run.Environment))
        {
            all[key] = value;
        }

        return all;
    }

    private void RefuseForeign(string word, string name, IReadOnlyDictionary<string, string> labels, DeploymentRun run)
    {
        if (NamesInUse.Foreign(word, name, labels, run.Environment, specs.Owned(run.Environment)) is { } problem)
        {
            throw problem.AsException();
        }
    }
}
