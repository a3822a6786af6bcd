using Wherry.Compose.Writing;
using Wherry.Core.Model;
using Wherry.Core.Planning;

namespace Wherry.Compose.Exporting.Kubernetes;

/// <summary>A service on its way into Kubernetes: what its objects share.</summary>
internal sealed class ExportedService
{
    private readonly KubernetesContext _context;

    public ExportedService(ServiceSpec spec, KubernetesContext context)
    {
        (Spec, _context) = (spec, context);
        Name = context.Names[spec.Name];
        Ports = [.. spec.Expose.Select(e => (e.Port, e.Protocol))
            .Concat(spec.Ports.Select(p => (p.ContainerPort, p.Protocol)))
            .Concat(spec.Routes.Select(r => (r.Port, "tcp")))
            .Concat((spec.Tcp ?? []).Select(t => (t.Port, "tcp")))
            .Distinct()];
    }

    public ServiceSpec Spec { get; }

    public string Name { get; }

    /// <summary>Ports that it is known to listen on.</summary>
    public IReadOnlyList<(int Port, string Protocol)> Ports { get; }

    public Losses Losses => _context.Losses;

    public KubernetesContext Context => _context;

    /// <summary>It runs to its end: others wait for that, or it is never started again.</summary>
    public bool IsJob => Spec.Restart.Condition == RestartCondition.No
        || (Spec.Restart.Condition == RestartCondition.OnFailure && _context.Model.Services.Values.Any(s => s.DependsOn.Any(d => d.Service == Spec.Name && d.Condition == DependencyCondition.CompletedSuccessfully)));

    /// <summary>One replica that writes to a volume of its own.</summary>
    public bool IsStateful => !IsJob && Spec.Replicas <= 1 && Volumes.Any(m => !m.ReadOnly && _context.UsersOf(m.Source!) == 1);

    public bool IsReplacedAtOnce => UpdateOrder.Of(Spec) == DeployStrategy.Recreate;

    /// <summary>Mounts of named volumes.</summary>
    public IEnumerable<Mount> Volumes => Spec.Mounts.Where(m => m is { Kind: MountKind.Volume, Source: not null });

    public YamlMapping Selector => new() { ["app.kubernetes.io/name"] = Name, ["app.kubernetes.io/part-of"] = _context.Names.Project };

    /// <summary>What all its pods carry; more than they are selected by.</summary>
    public YamlMapping PodLabels
    {
        get
        {
            var labels = Selector;
            foreach (var network in Spec.Networks.Keys.Where(_ => _context.HasNetworks).Order(StringComparer.Ordinal))
            {
                labels[KubernetesNames.NetworkLabel(network)] = "true";
            }

            return labels;
        }
    }

    public YamlMapping Metadata(string? name = null) => new() { ["name"] = name ?? Name, ["labels"] = Selector };

    public static YamlMapping Object(string version, string kind, YamlMapping metadata, YamlMapping spec) =>
        new() { ["apiVersion"] = version, ["kind"] = kind, ["metadata"] = metadata, ["spec"] = spec };
}
