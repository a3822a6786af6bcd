using Wherry.Core.Model;

namespace Wherry.Core.Planning;

/// <summary>Whether a service's replicas may overlap with their successors.</summary>
public static class UpdateOrder
{
    /// <summary>The strategy asked for; else recreate for what cannot run twice (a host port, a fixed address, a network of somebody else's; one replica with a named volume), else rolling.</summary>
    public static DeployStrategy Of(ServiceSpec spec) => spec.Deploy.Strategy ?? (BindsHostPort(spec) || HasFixedAddress(spec) || spec.Sharing?.IsNetworkShared() is true || IsSingleWithVolume(spec) ? DeployStrategy.Recreate : DeployStrategy.Rolling);

    private static bool BindsHostPort(ServiceSpec spec) => spec.Ports.Any(p => p.HostPort is not null);

    private static bool HasFixedAddress(ServiceSpec spec) => spec.Naming?.MacAddress is not null || spec.Networks.Values.Any(n => n.Ipv4Address is not null);

    private static bool IsSingleWithVolume(ServiceSpec spec) => spec.Replicas <= 1
        && (spec.Mounts.Any(m => m is { Kind: MountKind.Volume, Source: not null, ReadOnly: false }) || spec.Sharing?.VolumesFrom?.Any(v => !v.ReadOnly) is true);
}
