using Wherry.Compose.Writing;
using Wherry.Core.Model;

namespace Wherry.Compose.Exporting.Kubernetes;

/// <summary>How a service is reached: a Service inside the cluster, one for ports of the outside, an Ingress for its routes.</summary>
internal static class ReachWriter
{
    public static IEnumerable<YamlMapping> Write(ExportedService service, HashSet<string> names)
    {
        if (!service.IsJob)
        {
            yield return Inside(service, service.Name);
            foreach (var alias in service.Spec.Networks.Values.SelectMany(n => n.Aliases).Distinct().Where(a => a != service.Spec.Name.Value && a != service.Name))
            {
                var label = KubernetesNames.Label(alias);
                if (label == alias && names.Add(alias))
                {
                    yield return Inside(service, alias);
                }
                else
                {
                    service.Losses.Add(service.Spec, $"its alias {alias} is no name in a cluster, or is taken");
                }
            }
        }

        if (Outside(service) is { } outside)
        {
            yield return outside;
        }

        if (service.Spec.Routes.Count > 0)
        {
            yield return Ingress(service);
        }
    }

    /// <summary>Without known ports the name leads to the pods themselves, whatever they listen on.</summary>
    private static YamlMapping Inside(ExportedService service, string name)
    {
        if (service.Ports.Count > 0)
        {
            service.Losses.Add(service.Spec, $"is reached on {string.Join(", ", service.Ports.Select(p => TextForm.Of(p.Port)))} only; list further ports under expose");
        }

        return ExportedService.Object("v1", "Service", service.Metadata(name), new()
        {
            ["clusterIP"] = service.Ports.Count == 0 ? "None" : null,
            ["selector"] = service.Selector,
            ["ports"] = new YamlSequence(service.Ports.Select(p => Port(p.Port, p.Port, p.Protocol, service.Spec.Routes.Any(r => r.Port == p.Port && r.Protocol == RouteProtocol.H2c)))).OrNothing(),
        });
    }

    /// <summary>Ports of the host and of the edge are ports of a load balancer.</summary>
    private static YamlMapping? Outside(ExportedService service)
    {
        var ports = new YamlSequence();
        var seen = new HashSet<(int, string)>();
        foreach (var (outer, inner, protocol, address) in service.Spec.Ports.Select(p => (p.HostPort ?? p.ContainerPort, p.ContainerPort, p.Protocol, p.HostAddress))
            .Concat((service.Spec.Tcp ?? []).Select(t => (t.Listen, t.Port, "tcp", t.Address))))
        {
            if (address is not (null or "0.0.0.0" or "::"))
            {
                service.Losses.Add(service.Spec, $"port {TextForm.Of(outer)} of {address} alone is not published: `kubectl port-forward service/{service.Name}` reaches it");
            }
            else if (seen.Add((outer, protocol)))
            {
                ports.Add(Port(outer, inner, protocol, isH2c: false));
            }
        }

        if (ports.IsEmpty)
        {
            return null;
        }

        service.Losses.Add(service.Spec, "ports of the host are those of a load balancer, which the cluster has to provide");
        return ExportedService.Object("v1", "Service", service.Metadata($"{service.Name}-public"), new() { ["type"] = "LoadBalancer", ["selector"] = service.Selector, ["ports"] = ports });
    }

    private static YamlMapping Port(int port, int target, string protocol, bool isH2c) => new()
    {
        ["name"] = $"{protocol}-{TextForm.Of(port)}",
        ["port"] = port,
        ["targetPort"] = target,
        ["protocol"] = PodWriter.Protocol(protocol),
        ["appProtocol"] = isH2c ? "kubernetes.io/h2c" : null,
    };

    private static YamlMapping Ingress(ExportedService service)
    {
        var rules = new YamlSequence();
        foreach (var host in service.Spec.Routes.GroupBy(r => r.Host?.Value))
        {
            rules.Add(new YamlMapping
            {
                ["host"] = host.Key,
                ["http"] = new YamlMapping
                {
                    ["paths"] = new YamlSequence(host.Select(r => new YamlMapping
                    {
                        ["path"] = r.Path.Value,
                        ["pathType"] = "Prefix",
                        ["backend"] = new YamlMapping { ["service"] = new YamlMapping { ["name"] = service.Name, ["port"] = new YamlMapping { ["number"] = r.Port } } },
                    })),
                },
            });
            AddLosses(service, host);
        }

        var hosts = service.Spec.Routes.Select(r => r.Host?.Value).OfType<string>().Distinct().ToList();
        var isSecure = service.Spec.Tls is not null && hosts.Count > 0;
        if (isSecure)
        {
            service.Losses.Add(service.Spec, $"its certificate is expected in the Secret {service.Name}-tls: let cert-manager make it, or `kubectl create secret tls {service.Name}-tls`");
        }

        return ExportedService.Object("networking.k8s.io/v1", "Ingress", service.Metadata(), new()
        {
            ["tls"] = isSecure ? new YamlSequence { new YamlMapping { ["hosts"] = new YamlSequence(hosts), ["secretName"] = $"{service.Name}-tls" } } : null,
            ["rules"] = rules,
        });
    }

    private static void AddLosses(ExportedService service, IEnumerable<Route> routes)
    {
        foreach (var route in routes)
        {
            List<string> lost = [.. RouteWriter.Write(route).Select(e => e.Key).Except(["host", "path", "port"])];
            if (lost.Count > 0)
            {
                service.Losses.Add(service.Spec, $"the Ingress of {route.Host?.Value ?? "any host"}{route.Path} leaves out {string.Join(", ", lost)}: each ingress controller has annotations of its own for such things");
            }
        }
    }
}
