using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Wherry.Server.Metrics;

/// <summary>What the server counts. <c>docs/operate/metrics.md</c> lists the names; a test compares the two.</summary>
/// <remarks>Labels are words of ours and names of environments, never what a caller sends: a series costs memory for as long as the server runs.</remarks>
internal static class ServerMeter
{
    public const string Name = "Wherry";

    private static readonly Meter Meter = new(Name);

    public static readonly ActivitySource Traces = new(Name);

    public static readonly Counter<long> Deployments = Meter.CreateCounter<long>("wherry.deployments", null, "Deployments that ended, by kind and outcome.");

    public static readonly Histogram<double> DeploymentDuration = Meter.CreateHistogram<double>("wherry.deployment.duration", "s", "Time from a deployment's start to its end, by kind and outcome.");

    public static readonly Histogram<double> StepDuration = Meter.CreateHistogram<double>("wherry.deployment.step.duration", "s", "Time that one step of a deployment took, by step and outcome.");

    public static readonly Counter<long> Builds = Meter.CreateCounter<long>("wherry.builds", null, "Builds by outcome: built, cached or failed.");

    public static readonly Histogram<double> BuildDuration = Meter.CreateHistogram<double>("wherry.build.duration", "s", "Time that builds took which were not cached.");

    public static readonly Counter<long> ReconcilePasses = Meter.CreateCounter<long>("wherry.reconcile.passes", null, "Looks at an environment's drift, by outcome.");

    public static readonly Histogram<double> EdgeCallDuration = Meter.CreateHistogram<double>("wherry.edge.call.duration", "s", "Time that calls of the edge's control socket took, by outcome.");

    public static readonly Counter<long> StoreWrites = Meter.CreateCounter<long>("wherry.store.writes", null, "Statements and transactions that changed the store.");

    public static readonly Counter<long> LogBytes = Meter.CreateCounter<long>("wherry.log.written", "By", "What logs of deployments and replicas added up to on the disk.");

    public static readonly Counter<long> Events = Meter.CreateCounter<long>("wherry.events", null, "Events that were recorded.");
}
