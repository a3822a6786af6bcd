using Wherry.Core.Model;

namespace Wherry.Compose.Reading;

/// <summary>What must hold between a service and the one whose namespace or volumes it has.</summary>
internal sealed class SharingCheck(IReadOnlyDictionary<ServiceName, FoundService> active)
{
    public void Settle(SortedDictionary<ServiceName, ServiceSpec> services)
    {
        foreach (var (name, found) in active)
        {
            foreach (var provider in (services[name].Sharing?.Providers() ?? []).Where(services.ContainsKey))
            {
                CheckOne(found, services[provider]);
            }

            if (services[name].Sharing?.Ipc?.Service is { } owner && services.TryGetValue(owner, out var spec))
            {
                services[owner] = Opened(found, spec);
            }
        }
    }

    private static void CheckOne(FoundService found, ServiceSpec provider)
    {
        if (provider.Replicas != 1)
        {
            var key = found.Fields["network_mode"] ?? found.Fields["ipc"] ?? found.Fields["pid"] ?? found.Fields["volumes_from"];
            key!.Wrong($"service \"{provider.Name}\" has {provider.Replicas} replicas, so it is not said whose namespace or volumes are meant", $"Give {provider.Name} one replica.");
        }
    }

    /// <summary>An engine lets nobody into the memory of a container that does not say so.</summary>
    private static ServiceSpec Opened(FoundService found, ServiceSpec provider)
    {
        var sharing = provider.Sharing ?? new Sharing();
        if (sharing.Ipc is { Mode: not NamespaceMode.Shareable } own)
        {
            found.Fields["ipc"]!.Wrong($"service \"{provider.Name}\" has ipc: {own.Mode.ToString().ToLowerInvariant()}, which nobody can join", $"Write ipc: shareable at {provider.Name}.");
        }

        return provider with { Sharing = sharing with { Ipc = sharing.Ipc ?? new(NamespaceMode.Shareable) } };
    }
}
