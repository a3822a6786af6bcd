using System.Globalization;
using System.Text.RegularExpressions;
using Wherry.Compose.Writing;
using Wherry.Core.Model;

namespace Wherry.Compose.Exporting.Kubernetes;

/// <summary>The pod of a service.</summary>
internal sealed partial class PodWriter(ExportedService service, PodStorage storage)
{
    private static readonly TimeSpan EngineGrace = TimeSpan.FromSeconds(10);

    private ServiceSpec Spec => service.Spec;

    /// <param name="restart">When the kubelet starts the container again; default: always.</param>
    /// <param name="command">Instead of the service's own; without probes and ports then.</param>
    public YamlMapping Write(string? restart = null, IReadOnlyList<string>? command = null)
    {
        var environment = new PodEnvironment(service);
        var container = Container(environment, command);
        AddLosses();
        return new()
        {
            ["metadata"] = new YamlMapping { ["labels"] = command is null ? service.PodLabels : ReleaseLabels(), ["annotations"] = command is null ? Annotations() : null },
            ["spec"] = new YamlMapping
            {
                ["automountServiceAccountToken"] = false,
                // Else each service of the namespace becomes variables such as DB_PORT, which programs take for their own.
                ["enableServiceLinks"] = false,
                ["restartPolicy"] = restart,
                ["shareProcessNamespace"] = Spec.Init == true ? true : null,
                ["terminationGracePeriodSeconds"] = PodProbes.Seconds((Spec.StopGrace ?? EngineGrace) + (Spec.IsRouted() ? Spec.Deploy.Drain : TimeSpan.Zero)),
                ["securityContext"] = PodSecurity(),
                ["hostAliases"] = HostAliases(),
                ["containers"] = new YamlSequence { container },
                ["volumes"] = storage.Volumes,
            },
        };
    }

    /// <summary>Bytes as <c>256Mi</c>.</summary>
    public static string? Quantity(ByteSize? size) => size is null ? null : TextForm.OfSize(size.Bytes) switch
    {
        [.. var number, 'g'] => $"{number}Gi",
        [.. var number, 'm'] => $"{number}Mi",
        [.. var number, 'k'] => $"{number}Ki",
        var bytes => bytes,
    };

    /// <summary>The name that the cluster pulls.</summary>
    public static string Image(ServiceSpec spec, ExportWish wish)
    {
        var name = spec.Image?.Value ?? $"{KubernetesNames.Label(wish.Name)}-{KubernetesNames.Label(spec.Name.Value)}:latest";
        return spec.Build is null || wish.Registry is null ? name : $"{wish.Registry}/{KubernetesNames.Label(spec.Name.Value)}:{(Tag().Match(name) is { Success: true } tag ? tag.Value[1..] : "latest")}";
    }

    private YamlMapping Container(PodEnvironment environment, IReadOnlyList<string>? command)
    {
        var (entrypoint, words) = command is null ? Words() : (command, null);
        var container = new YamlMapping
        {
            ["name"] = command is null ? service.Name : $"{service.Name}-release",
            ["image"] = Image(Spec, service.Context.Wish),
            ["command"] = entrypoint is null ? null : new YamlSequence(entrypoint.Select(environment.Text)),
            ["args"] = words is null ? null : new YamlSequence(words.Select(environment.Text)),
            ["workingDir"] = Spec.WorkingDir,
            ["ports"] = command is null ? new YamlSequence(service.Ports.Select(p => new YamlMapping { ["containerPort"] = p.Port, ["protocol"] = Protocol(p.Protocol) })).OrNothing() : null,
        };
        container["env"] = environment.Write();
        container["resources"] = Resources();
        if (command is null && !service.IsJob)
        {
            PodProbes.Add(container, service);
        }

        container["securityContext"] = SecurityContext();
        container["volumeMounts"] = storage.Mounts;
        return container;
    }

    /// <summary>Tcp is what every port is that says nothing.</summary>
    public static string? Protocol(string protocol) => protocol == "tcp" ? null : protocol.ToUpperInvariant();

    /// <summary>An entrypoint that was taken away leaves the command as what is run.</summary>
    private (IReadOnlyList<string>? Command, IReadOnlyList<string>? Args) Words() => Spec switch
    {
        { Entrypoint: { Count: 0 }, Command: { Count: > 0 } command } => (command, null),
        { Entrypoint: { Count: > 0 } entrypoint } => (entrypoint, Spec.Command is { Count: > 0 } command ? command : null),
        _ => (null, Spec.Command is { Count: > 0 } only ? only : null),
    };

    private YamlMapping? Resources() => new YamlMapping
    {
        ["limits"] = new YamlMapping
        {
            ["cpu"] = Spec.Resources.Cpus is { } cpus ? $"{Math.Max(1, (long)Math.Round(cpus * 1000)).ToString(CultureInfo.InvariantCulture)}m" : null,
            ["memory"] = Quantity(Spec.Resources.Memory),
        }.OrNothing(),
        ["requests"] = new YamlMapping { ["memory"] = Quantity(Spec.Resources.MemoryReservation) }.OrNothing(),
    }.OrNothing();

    private YamlMapping? SecurityContext()
    {
        var match = Ids().Match(Spec.User ?? "");
        return new YamlMapping
        {
            ["runAsUser"] = match.Success ? long.Parse(match.Groups["user"].ValueSpan, CultureInfo.InvariantCulture) : null,
            ["runAsGroup"] = match.Groups["group"].Success ? long.Parse(match.Groups["group"].ValueSpan, CultureInfo.InvariantCulture) : null,
            ["capabilities"] = new YamlMapping { ["add"] = Capabilities(Spec.CapAdd), ["drop"] = Capabilities(Spec.CapDrop) }.OrNothing(),
        }.OrNothing();
    }

    /// <summary>Who is not root writes to a claim as a member of its group.</summary>
    private YamlMapping? PodSecurity() => Ids().Match(Spec.User ?? "") is { Success: true } match && service.Volumes.Any()
        ? new() { ["fsGroup"] = long.Parse((match.Groups["group"] is { Success: true } group ? group : match.Groups["user"]).ValueSpan, CultureInfo.InvariantCulture) }
        : null;

    private static YamlSequence? Capabilities(IReadOnlyList<string> names) =>
        new YamlSequence(names.Select(n => n.ToUpperInvariant()).Select(n => n.StartsWith("CAP_", StringComparison.Ordinal) ? n[4..] : n)).OrNothing();

    private YamlSequence? HostAliases() => new YamlSequence(Spec.ExtraHosts.Where(h => !h.EndsWith(":host-gateway", StringComparison.Ordinal)).Select(h => h.Split(':', 2)).Select(h => new YamlMapping
    {
        ["ip"] = h[1],
        ["hostnames"] = new YamlSequence([h[0]]),
    })).OrNothing();

    /// <summary>Pods of the release command are not selected by the service.</summary>
    private YamlMapping ReleaseLabels()
    {
        var labels = service.PodLabels;
        labels["app.kubernetes.io/name"] = $"{service.Name}-release";
        return labels;
    }

    private YamlMapping? Annotations() => new YamlMapping(Spec.Labels.Where(l => Annotation().IsMatch(l.Key) && SecretMark.In(l.Value).Count == 0).OrderBy(l => l.Key, StringComparer.Ordinal)).OrNothing();

    private void AddLosses()
    {
        foreach (var (isLost, what) in new (bool, string)[]
        {
            (Spec.Build is not null, $"is built: push its image as {Image(Spec, service.Context.Wish)}, a name that the cluster can pull"),
            (Spec.Image is { IsId: true }, "its image is an id that only one engine knows"),
            (Spec.User is { } user && !Ids().IsMatch(user), $"runs as {Spec.User}, which only the image knows by name: give runAsUser a number"),
            (Spec.StopSignal is not null and not "SIGTERM" and not "TERM" and not "15", $"is stopped with SIGTERM, not {Spec.StopSignal}: set STOPSIGNAL in its image"),
            (Spec.Ulimits.Count > 0, "ulimits are those of the node's container runtime"),
            (Spec.Resources.Pids is not null, "pids_limit is the node's (podPidsLimit of the kubelet)"),
            (Spec.ExtraHosts.Any(h => h.EndsWith(":host-gateway", StringComparison.Ordinal)), "the host's gateway has no name in a cluster"),
            (Spec.Networks.Values.Any(n => n.Ipv4Address is not null), "its address is not fixed"),
            (Spec.Labels.Any(l => !Annotation().IsMatch(l.Key) || SecretMark.In(l.Value).Count > 0), "some labels are no annotations: their names do not fit, or a secret is in them"),
            (Spec.DependsOn.Count > 0 && !service.IsJob, $"starts without waiting for {string.Join(", ", Spec.DependsOn.Select(d => d.Service.Value))}: it has to try again until they answer"),
            (Spec.Deploy is { Canary: > 0 } or { FailureAction: not FailureAction.Rollback } or { Heal: false }, "canary, auto_promote, failure_action and heal of x-wherry.deploy are not what a Deployment does: it waits with what it has, and `kubectl rollout undo` goes back"),
            (Spec.Restart.Condition == RestartCondition.OnFailure && !service.IsJob, "is started again after a good end too"),
        })
        {
            if (isLost)
            {
                service.Losses.Add(Spec, what);
            }
        }
    }

    [GeneratedRegex(@"\A(?<user>[0-9]{1,10})(?::(?<group>[0-9]{1,10}))?\z")]
    private static partial Regex Ids();

    [GeneratedRegex(@":[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}\z")]
    private static partial Regex Tag();

    [GeneratedRegex(@"\A(?:[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?/)?[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?\z")]
    private static partial Regex Annotation();
}
