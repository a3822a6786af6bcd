using Wherry.Compose.Writing;
using Wherry.Core.Model;

namespace Wherry.Compose.Exporting.Kubernetes;

/// <summary>Networks as NetworkPolicies: who shares one may talk; what is routed or published is open on those ports.</summary>
internal static class PolicyWriter
{
    public static IEnumerable<YamlMapping> Write(KubernetesContext context, IReadOnlyList<ExportedService> services)
    {
        if (!context.HasNetworks)
        {
            yield break;
        }

        context.Losses.Add("networks are NetworkPolicies: they need a network plugin that heeds them");
        foreach (var network in services.SelectMany(s => s.Spec.Networks.Keys).Distinct().Order(StringComparer.Ordinal))
        {
            yield return OfNetwork(context, network, context.Model.Networks.GetValueOrDefault(network));
        }

        foreach (var service in services)
        {
            if (Open(service) is { } open)
            {
                yield return open;
            }
        }
    }

    private static YamlMapping OfNetwork(KubernetesContext context, string name, NetworkSpec? network)
    {
        var members = new YamlMapping { ["podSelector"] = Members(context, name) };
        var spec = new YamlMapping
        {
            ["podSelector"] = Members(context, name),
            ["policyTypes"] = network?.Internal == true ? new YamlSequence(["Ingress", "Egress"]) : new YamlSequence(["Ingress"]),
            ["ingress"] = new YamlSequence { new YamlMapping { ["from"] = new YamlSequence { members } } },
        };
        if (network?.Internal == true)
        {
            spec["egress"] = new YamlSequence { new YamlMapping { ["to"] = new YamlSequence { members } }, NameService() };
        }

        if (network is { External: true })
        {
            context.Losses.Add($"the network {name} is made by somebody else: who of those joins it is not known here");
        }

        return ExportedService.Object("networking.k8s.io/v1", "NetworkPolicy", new()
        {
            ["name"] = $"{context.Names.Project}-network-{DnsLabel.Of(name)}",
            ["labels"] = new YamlMapping { ["app.kubernetes.io/part-of"] = context.Names.Project },
        }, spec);
    }

    /// <summary>Even who may not go out has to look names up.</summary>
    private static YamlMapping NameService() => new()
    {
        ["ports"] = new YamlSequence { new YamlMapping { ["port"] = 53, ["protocol"] = "UDP" }, new YamlMapping { ["port"] = 53, ["protocol"] = "TCP" } },
    };

    private static YamlMapping? Open(ExportedService service)
    {
        var ports = service.Spec.Routes.Select(r => (r.Port, "tcp"))
            .Concat(service.Spec.Ports.Select(p => (p.ContainerPort, p.Protocol)))
            .Concat((service.Spec.Tcp ?? []).Select(t => (t.Port, "tcp")))
            .Distinct().ToList();
        return ports.Count == 0 ? null : ExportedService.Object("networking.k8s.io/v1", "NetworkPolicy", service.Metadata($"{service.Name}-open"), new()
        {
            ["podSelector"] = new YamlMapping { ["matchLabels"] = service.Selector },
            ["policyTypes"] = new YamlSequence(["Ingress"]),
            ["ingress"] = new YamlSequence { new YamlMapping { ["ports"] = new YamlSequence(ports.Select(p => new YamlMapping { ["port"] = p.Item1, ["protocol"] = p.Item2.ToUpperInvariant() })) } },
        });
    }

    private static YamlMapping Members(KubernetesContext context, string network) =>
        new() { ["matchLabels"] = new YamlMapping { ["app.kubernetes.io/part-of"] = context.Names.Project, [KubernetesNames.NetworkLabel(network)] = "true" } };
}
