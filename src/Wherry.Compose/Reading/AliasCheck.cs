using Wherry.Core.Model;

namespace Wherry.Compose.Reading;

/// <summary>Gives services the names that <c>container_name</c> and <c>links</c> ask for. On a network each of them leads to one service.</summary>
internal sealed class AliasCheck(IReadOnlyDictionary<ServiceName, FoundService> active)
{
    private readonly Dictionary<string, ServiceName> _owners = active.Keys.ToDictionary(n => n.Value, n => n, StringComparer.Ordinal);

    public void Settle(SortedDictionary<ServiceName, ServiceSpec> services)
    {
        foreach (var (name, found) in active)
        {
            if (found.ContainerName is { } own && services[name].Networks.Count > 0)
            {
                Give(services, name, own, found.Fields["container_name"]!);
            }

            foreach (var link in found.Links.Where(l => services.ContainsKey(l.Service)))
            {
                Give(services, link.Service, link.Alias, link.Field);
            }
        }
    }

    private void Give(SortedDictionary<ServiceName, ServiceSpec> services, ServiceName target, string alias, Field field)
    {
        var spec = services[target];
        if (spec.Networks.Count == 0 && alias != target.Value)
        {
            field.Wrong($"service \"{target}\" is on no network of its own, so nothing can find it as \"{alias}\"", "Remove this name, or its network_mode.");
        }
        else if (_owners.TryAdd(alias, target))
        {
            services[target] = spec with
            {
                Networks = new SortedDictionary<string, NetworkAttachment>(
                    spec.Networks.ToDictionary(n => n.Key, n => n.Value.Aliases.Contains(alias) ? n.Value : n.Value with { Aliases = [.. n.Value.Aliases, alias] }), StringComparer.Ordinal),
            };
        }
        else if (_owners[alias] != target)
        {
            field.Wrong($"the name \"{alias}\" leads to service \"{_owners[alias]}\" already", "Give one of the two another name.");
        }
    }
}
