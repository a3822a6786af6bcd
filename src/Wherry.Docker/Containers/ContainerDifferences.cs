namespace Wherry.Docker;

/// <summary>Compares a container as it is with what it was made from. Only what can differ is compared: what somebody changed afterwards, or made by hand under our labels.</summary>
public static class ContainerDifferences
{
    /// <summary>Names of the settings that differ: <c>restart policy</c>, <c>networks</c>.</summary>
    public static IReadOnlyList<string> Of(ContainerSpec made, ContainerInfo found)
    {
        var wanted = HostConfigWire.Of(made);
        var host = found.Host ?? new HostConfigWire();
        (string Name, bool Same)[] settings =
        [
            ("image", !made.Image.StartsWith("sha256:", StringComparison.Ordinal) || made.Image == found.ImageId),
            ("environment", made.Environment.All(e => found.Environment.Contains($"{e.Key}={e.Value}"))),
            ("ports", Ports(wanted).SetEquals(Ports(host))),
            ("mounts", Mounts(wanted).SetEquals(Mounts(host))),
            ("networks", made.Networks.Count == 0 || made.Networks.Select(n => n.Network).ToHashSet().SetEquals(found.Networks.Keys)),
            ("restart policy", Restart(wanted) == Restart(host)),
            ("limits", Limits(wanted) == Limits(host)),
        ];
        return [.. settings.Where(s => !s.Same).Select(s => s.Name)];
    }

    private static HashSet<string> Ports(HostConfigWire host) =>
        [.. from port in host.PortBindings ?? new Dictionary<string, IReadOnlyList<PortBindingWire>>() from binding in port.Value ?? [] select $"{port.Key} {binding.HostIp ?? ""}:{binding.HostPort ?? ""}"];

    private static HashSet<string> Mounts(HostConfigWire host) =>
        [.. host.Binds ?? [], .. (host.Mounts ?? []).Select(m => $"{m.Type} {m.Source ?? ""} {m.Target} {m.ReadOnly}")];

    private static (string Name, int Attempts) Restart(HostConfigWire host) => host.RestartPolicy is { Name: { Length: > 0 } name } policy ? (name, policy.MaximumRetryCount) : ("no", 0);

    /// <summary>The engine says 0, -1 or nothing for what has no limit.</summary>
    private static (long, long, long, long) Limits(HostConfigWire host) => (host.NanoCpus ?? 0, host.Memory ?? 0, host.MemoryReservation ?? 0, Math.Max(0, host.PidsLimit ?? 0));
}
