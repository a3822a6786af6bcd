using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Serialization;
using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Core.Planning;

/// <summary>One thing to do. Replicas are named by their number, which is unique among the containers of a service.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "do")]
[JsonDerivedType(typeof(EnsureNetwork), "ensure-network")]
[JsonDerivedType(typeof(EnsureVolume), "ensure-volume")]
[JsonDerivedType(typeof(RunRelease), "run-release")]
[JsonDerivedType(typeof(RunToCompletion), "run-to-completion")]
[JsonDerivedType(typeof(StartReplicas), "start-replicas")]
[JsonDerivedType(typeof(WakeReplicas), "wake-replicas")]
[JsonDerivedType(typeof(AwaitHealthy), "await-healthy")]
[JsonDerivedType(typeof(HoldTraffic), "hold-traffic")]
[JsonDerivedType(typeof(ReleaseTraffic), "release-traffic")]
[JsonDerivedType(typeof(SwitchTraffic), "switch-traffic")]
[JsonDerivedType(typeof(RemoveRoutes), "remove-routes")]
[JsonDerivedType(typeof(Monitor), "monitor")]
[JsonDerivedType(typeof(AwaitPromotion), "await-promotion")]
[JsonDerivedType(typeof(StopReplicas), "stop-replicas")]
[JsonDerivedType(typeof(RemoveReplicas), "remove-replicas")]
public abstract record Step
{
    private Step()
    {
    }

    public sealed record EnsureNetwork(string Network) : Step;

    public sealed record EnsureVolume(string Volume) : Step;

    /// <summary>Runs the service's release command once in the new image.</summary>
    public sealed record RunRelease(ServiceName Service) : Step;

    /// <summary>Runs a service that others wait for to complete, once.</summary>
    /// <param name="Required">With <see langword="false"/> a failure only warns.</param>
    public sealed record RunToCompletion(ServiceName Service, int Number, bool Required = true) : Step;

    public sealed record StartReplicas(ServiceName Service, IReadOnlyList<int> Numbers) : Step;

    /// <summary>Starts containers that were stopped by hand.</summary>
    public sealed record WakeReplicas(ServiceName Service, IReadOnlyList<int> Numbers) : Step;

    /// <param name="Required">With <see langword="false"/> a replica that stays unwell only warns: all who depend on it said <c>required: false</c>.</param>
    public sealed record AwaitHealthy(ServiceName Service, IReadOnlyList<int> Numbers, bool Required = true) : Step;

    /// <summary>Watches replicas that have their traffic: they must stay healthy.</summary>
    public sealed record Monitor(ServiceName Service, IReadOnlyList<int> Numbers) : Step;

    /// <summary>Canaries serve beside the old replicas until they are promoted.</summary>
    /// <param name="Stage">The share that they have meanwhile; <see langword="null"/>: their turn among all.</param>
    public sealed record AwaitPromotion(ServiceName Service, IReadOnlyList<int> Numbers, StageWait? Stage = null) : Step;

    /// <summary>Starts canaries again that were lost without a fault of their own.</summary>
    public sealed record ReplaceCanaries(ServiceName Service, IReadOnlyList<int> Numbers) : Step;

    /// <summary>Requests wait at the edge instead of failing.</summary>
    public sealed record HoldTraffic(ServiceName Service) : Step;

    public sealed record ReleaseTraffic(ServiceName Service) : Step;

    /// <summary>These replicas and no others get new requests; done when the others have drained.</summary>
    /// <param name="Share">Some of them get a part of the visitors, and the others the rest; <see langword="null"/>: all take turns.</param>
    public sealed record SwitchTraffic(ServiceName Service, IReadOnlyList<int> Numbers, TrafficShare? Share = null) : Step;

    public sealed record RemoveRoutes(ServiceName Service) : Step;

    public sealed record StopReplicas(ServiceName Service, IReadOnlyList<int> Numbers) : Step;

    /// <summary>Stops what still runs of these, then removes them.</summary>
    public sealed record RemoveReplicas(ServiceName Service, IReadOnlyList<int> Numbers) : Step;

    /// <summary>Fetches the source and reads the model.</summary>
    public sealed record Prepare : Step;

    /// <summary>Builds and resolves images, then cuts the release.</summary>
    public sealed record CutRelease : Step;

    /// <summary>Compares what is wanted with what runs.</summary>
    public sealed record MakePlan : Step;

    public sealed record Wait(TimeSpan For, string Because) : Step;

    /// <summary>Goes on without a step that is not worth failing for.</summary>
    public sealed record Skip(Step Skipped, Problem Problem) : Step;

    /// <summary>Goes on with the other replicas of a gate; these get no traffic.</summary>
    public sealed record LeaveOut(ServiceName Service, IReadOnlyList<int> Numbers, Problem Problem) : Step;

    /// <summary>Nothing of the candidate serves: take it away.</summary>
    public sealed record Abandon(Problem Problem) : Step;

    /// <summary>Part of the candidate serves: bring the release before it back, then take the candidate away.</summary>
    public sealed record Revert(Problem Problem) : Step;

    /// <summary>The end. With a problem the deployment failed and what serves stays as it is.</summary>
    public sealed record Finish(Problem? Problem) : Step;

    /// <summary>One line for the plan, the log and the history.</summary>
    public string Describe() => this switch
    {
        EnsureNetwork s => $"create network {s.Network}",
        EnsureVolume s => $"create volume {s.Volume}",
        RunRelease s => $"run the release command of {s.Service}",
        RunToCompletion s => $"run {s.Service} to completion",
        StartReplicas s => $"start {Names(s.Service, s.Numbers)}",
        WakeReplicas s => $"start {Names(s.Service, s.Numbers)} again",
        AwaitHealthy s => $"wait until {Names(s.Service, s.Numbers)} {(s.Numbers.Count == 1 ? "is" : "are")} healthy",
        Monitor s => $"watch {Names(s.Service, s.Numbers)}",
        AwaitPromotion { Stage: { } wait } s => $"stage {wait.Number} of {wait.Of}: {wait.Stage} on {Names(s.Service, s.Numbers)} {(wait.Stage.For is { } time ? $"for {Time(time)}" : "until it is promoted")}",
        AwaitPromotion s => $"wait for the promotion of {Names(s.Service, s.Numbers)}",
        ReplaceCanaries s => $"replace {Names(s.Service, s.Numbers)}",
        HoldTraffic s => $"hold requests to {s.Service}",
        ReleaseTraffic s => $"let requests to {s.Service} go on",
        SwitchTraffic { Numbers.Count: 0 } s => $"take traffic off {s.Service} and drain",
        SwitchTraffic { Share: { } share } s => $"send {share.Stage} to {Names(s.Service, share.Numbers)}",
        SwitchTraffic s => $"send traffic to {Names(s.Service, s.Numbers)} and drain the others",
        RemoveRoutes s => $"remove the routes of {s.Service}",
        StopReplicas s => $"stop {Names(s.Service, s.Numbers)}",
        RemoveReplicas s => $"remove {Names(s.Service, s.Numbers)}",
        Prepare => "fetch the source and read the model",
        CutRelease => "build and cut the release",
        MakePlan => "plan",
        Wait s => $"wait {s.For.TotalSeconds.ToString("0.##", CultureInfo.InvariantCulture)} s: {s.Because}",
        Skip s => $"skip \"{s.Skipped.Describe()}\": {s.Problem.Message}",
        LeaveOut s => $"go on without {Names(s.Service, s.Numbers)}: {s.Problem.Message}",
        Abandon => "failed before anything was switched: take the new replicas away",
        Revert => "failed after something was switched: bring the release before back",
        Finish { Problem: { } p } => $"fail: {p.Message}",
        Finish => "finish",
        _ => throw new UnreachableException(),
    };

    public sealed override string ToString() => Describe();

    /// <summary>The service it is about; <see langword="null"/> when it is about more than one.</summary>
    public ServiceName? About() => this switch
    {
        RunRelease s => s.Service,
        RunToCompletion s => s.Service,
        StartReplicas s => s.Service,
        WakeReplicas s => s.Service,
        AwaitHealthy s => s.Service,
        Monitor s => s.Service,
        AwaitPromotion s => s.Service,
        ReplaceCanaries s => s.Service,
        HoldTraffic s => s.Service,
        ReleaseTraffic s => s.Service,
        SwitchTraffic s => s.Service,
        RemoveRoutes s => s.Service,
        StopReplicas s => s.Service,
        RemoveReplicas s => s.Service,
        _ => null,
    };

    /// <summary>Replicas whose health it waits for; none when it waits for no health.</summary>
    public IReadOnlyList<int> Awaited() => this switch
    {
        AwaitHealthy s => s.Numbers,
        Monitor s => s.Numbers,
        AwaitPromotion s => s.Numbers,
        _ => [],
    };

    private static string Time(TimeSpan time) => time switch
    {
        _ when time < TimeSpan.FromMinutes(2) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} s"),
        _ when time < TimeSpan.FromHours(2) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0.#} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0.#} h"),
    };

    private static string Names(ServiceName service, IReadOnlyList<int> numbers) => string.Join(", ", numbers.Select(n => $"{service}-{n}"));
}

/// <summary>Some of a service's replicas get a part of the visitors.</summary>
public sealed record TrafficShare(IReadOnlyList<int> Numbers, CanaryStage Stage);

/// <summary>Which stage of a trial is waited for.</summary>
/// <param name="Number">From 1.</param>
public sealed record StageWait(int Number, int Of, CanaryStage Stage);
