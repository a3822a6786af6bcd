using System.Globalization;
using Wherry.Core.Model;
using Wherry.Core.Planning;
using Wherry.Core.Problems;

namespace Wherry.Core.Preflight;

/// <summary>Something that a look at the server found before a deployment.</summary>
/// <param name="Refuses">The deployment cannot work; otherwise it is a warning.</param>
public sealed record Finding(Problem Problem, bool Refuses);

/// <summary>What of a model the server cannot give. Refuses only what cannot work; the rest warns.</summary>
public static class PreflightRules
{
    /// <summary>Least memory that the engine takes as a limit.</summary>
    private static readonly ByteSize LeastMemory = ByteSize.Of(6 << 20);

    /// <param name="needsDisk">It fetches, builds or pulls: without, little room on a disk only warns.</param>
    public static IReadOnlyList<Finding> Check(ProjectModel model, HostFacts host, bool needsDisk) =>
    [
        .. host.Disks.Select(DiskFloor.Check).OfType<Problem>().Select(p => new Finding(p, needsDisk)),
        .. model.Services.Values.Where(s => s.Replicas > 0).SelectMany(s => Limits(s, host)),
        .. Reservations(model, host),
        .. Ports(model, host),
        .. host.Names.Select(p => new Finding(p, Refuses: true)),
        .. model.Services.Values.SelectMany(s => s.Routes.SelectMany(r => Routes(s.Name, r, host))),
        .. Tls(model, host),
        .. Guards(model, host),
        .. Holds(model, host),
        .. Capabilities(model, host),
        .. Clock(host),
    ];

    /// <summary>What refuses, as one problem; <see langword="null"/> when nothing does.</summary>
    public static Problem? Refusal(IReadOnlyList<Finding> findings) => findings.Where(f => f.Refuses).Select(f => f.Problem).ToList() switch
    {
        [] => null,
        [var one] => one,
        var many => new Problem(
            "deployment/refused",
            $"{many.Count} things are in the way:{string.Concat(many.Select((p, i) => $"\n  {i + 1}. {p.Message}\n     {p.Hint} ({p.Code})"))}",
            "Nothing was touched. Mend all of them, then deploy again; `wherry plan` shows them without deploying."),
    };

    /// <summary>They judge by what the edge itself counts.</summary>
    private static IEnumerable<Finding> Guards(ProjectModel model, HostFacts host) =>
        from spec in model.Services.Values
        where host.Proxy is not null && spec.Canary?.Guard is { Errors: not null } or { P95: not null }
        select Refused(
            "edge/unsupported",
            $"{spec.Name} is tried under a guard of errors or times (x-wherry.canary.guard), and {host.Proxy} tells nobody how its requests end.",
            "Leave errors and p95 out of it, restarts is kept; or let Wherry's own edge serve: `wherry up --edge own`.");

    /// <summary>Between the old replica and the new one nobody serves, and only the edge itself lets visitors wait.</summary>
    private static IEnumerable<Finding> Holds(ProjectModel model, HostFacts host) =>
        from spec in model.Services.Values
        where host.Proxy is not null && spec.IsRouted() && UpdateOrder.Of(spec) is DeployStrategy.Recreate
        select Refused(
            "edge/unsupported",
            $"{spec.Name} stops before its successor starts, and {host.Proxy} cannot hold its visitors meanwhile.",
            "Where two may run at once, say `strategy: rolling` under x-wherry.deploy; else let Wherry's own edge serve: `wherry up --edge own`.");

    /// <summary>What is allowed is told all the same: who reads the plan shall know.</summary>
    private static IEnumerable<Finding> Capabilities(ProjectModel model, HostFacts host)
    {
        var needs = host.Allowed is null ? [] : CapabilityRules.NeedsOf(model);
        foreach (var need in needs.Where(n => !host.Allowed!.Contains(n.Capability)))
        {
            yield return Refused(
                "capability/forbidden",
                $"{need.Service} {need.Capability.Means} ({need.By}). That takes the capability {need.Capability}, which the project was not allowed.",
                $"Leave that out; or an administrator allows it: `wherry projects allow PROJECT {need.Capability}`.");
        }

        if (needs.Where(n => host.Allowed!.Contains(n.Capability)).ToList() is { Count: > 0 } used)
        {
            yield return Warned(
                "capability/used",
                $"Allowed, and used: {string.Join(", ", used.Select(n => $"{n.Capability} by {n.Service} ({n.By})"))}.",
                "What nothing needs any more is taken away by `wherry projects forbid PROJECT CAPABILITY`.");
        }
    }

    private static IEnumerable<Finding> Limits(ServiceSpec spec, HostFacts host)
    {
        if (spec.Resources.Memory is { } limit && host.Memory is { } all && limit.Bytes > all.Bytes)
        {
            yield return Refused("service/memory-limit", $"{spec.Name} may use {limit} of memory; the server has {all}.", "Lower its memory limit: more than the machine has protects nobody.");
        }

        if (spec.Resources.Memory is { } little && little.Bytes < LeastMemory.Bytes)
        {
            yield return Refused("service/memory-limit", $"{spec.Name} may use {little} of memory; the engine starts nothing with less than {LeastMemory}.", "Raise its memory limit.");
        }

        if (host.Cpus > 0 && spec.Resources.Cpus is { } cpus && cpus > host.Cpus)
        {
            yield return Refused("service/cpu-limit", string.Create(CultureInfo.InvariantCulture, $"{spec.Name} may use {cpus:0.##} processors; the server has {host.Cpus}."), "Lower its limit: the engine refuses more than the machine has.");
        }
    }

    private static IEnumerable<Finding> Reservations(ProjectModel model, HostFacts host)
    {
        var wanted = ByteSize.Of(model.Services.Values.Sum(s => s.Replicas * (s.Resources.MemoryReservation?.Bytes ?? 0)));
        if (host.FreeMemory is { } free && wanted.Bytes > free.Bytes)
        {
            yield return Warned("service/memory-reservation", $"The services reserve {wanted} of memory; {free} are free on the server.", "Reserve less, or make room: what is reserved is not set aside, so they may run short together.");
        }

        var limits = ByteSize.Of(model.Services.Values.Sum(s => s.Replicas * (s.Resources.Memory?.Bytes ?? 0)));
        if (host.Memory is { } all && limits.Bytes > all.Bytes)
        {
            yield return Warned("service/memory-limit", $"The memory limits of all replicas together are {limits}; the server has {all}.", "Lower them or the number of replicas, so that all may be used at once.");
        }
    }

    private static IEnumerable<Finding> Ports(ProjectModel model, HostFacts host)
    {
        List<(ServiceName Service, PublishedPort Port)> seen = [];
        foreach (var (spec, port) in from s in model.Services.Values where s.Replicas > 0 from p in s.Ports where p.HostPort is not null select (s, p))
        {
            if (spec.Replicas > 1)
            {
                yield return new Finding(PortTaken(string.Create(CultureInfo.InvariantCulture, $"{spec.Name} has {spec.Replicas} replicas and publishes the host's port {port.HostPort}: only one of them can have it."), "Leave the host's port out, give the service a route instead, or run one replica."), Refuses: true);
            }

            foreach (var by in host.Ports.Where(t => t.Port == port.HostPort && t.Protocol == port.Protocol && Overlap(t.Address, port.HostAddress)).Select(t => t.By)
                         .Concat(seen.Where(o => o.Port.HostPort == port.HostPort && o.Port.Protocol == port.Protocol && Overlap(o.Port.HostAddress, port.HostAddress)).Select(o => $"{o.Service}, which publishes it too")).Distinct())
            {
                yield return new Finding(PortTaken(string.Create(CultureInfo.InvariantCulture, $"{spec.Name} publishes the host's port {port.HostPort}/{port.Protocol}; it belongs to {by}."), "Publish another port, or stop what has it. A web service needs none: a route leads to it."), Refuses: true);
            }

            seen.Add((spec.Name, port));
        }

        foreach (var (spec, route) in from s in model.Services.Values from r in s.Tcp ?? [] select (s, r))
        {
            if (host.EdgePorts.FirstOrDefault(t => t.Port == route.Listen) is { } other)
            {
                yield return Refused("route/port-taken", $"{spec.Name} wants port {route.Listen} of the edge; it is taken by {other.By}.", $"Choose another port, or take it from {other.By} first.");
            }
            else if (host.Ports.Where(t => t.Protocol == "tcp" && t.Port == route.Listen && Overlap(t.Address, route.Address)).Select(t => t.By)
                .Concat(seen.Where(o => o.Port.HostPort == route.Listen && o.Port.Protocol == "tcp" && Overlap(o.Port.HostAddress, route.Address)).Select(o => $"{o.Service}, which publishes it")).FirstOrDefault() is { } by)
            {
                yield return new Finding(PortTaken(string.Create(CultureInfo.InvariantCulture, $"{spec.Name} wants port {route.Listen} of the edge; it belongs to {by}."), "Choose another port, or stop what has it. A web service needs none: a route leads to it."), Refuses: true);
            }
        }
    }

    private static IEnumerable<Finding> Routes(ServiceName service, Route route, HostFacts host) =>
        from taken in host.Routes
        where taken.Host == route.Host && taken.Path == route.Path
        select Refused("route/host-taken", $"{service} wants {route.Host?.Value ?? "every host"}{route.Path}; it is taken by {taken.By}.", $"Choose another host or path, or take the route from {taken.By} first.");

    private static IEnumerable<Finding> Tls(ProjectModel model, HostFacts host) =>
        from spec in model.Services.Values
        where spec.Tls is not null && !host.ListensTls
        select Warned("edge/no-tls", $"{spec.Name} asks for TLS, and the edge does not listen for it: it is served over plain http.", "Let the edge listen: `wherry up --tls-port 443`.");

    private static IEnumerable<Finding> Clock(HostFacts host)
    {
        if (host.ClockBehind > TimeSpan.FromMinutes(1))
        {
            yield return Warned("server/clock", string.Create(CultureInfo.InvariantCulture, $"The server's clock is {host.ClockBehind.TotalMinutes:0} min behind what happened already."), "Set it right and keep it so: install chrony or systemd-timesyncd.");
        }
    }

    private static bool Overlap(string? a, string? b) => IsAny(a) || IsAny(b) || a == b;

    private static bool IsAny(string? address) => address is null or "" or "0.0.0.0" or "::" or "[::]";

    private static Problem PortTaken(string message, string hint) => new("port/taken", message, hint);

    private static Finding Refused(string code, string message, string hint) => new(new(code, message, hint), Refuses: true);

    private static Finding Warned(string code, string message, string hint) => new(new(code, message, hint), Refuses: false);
}
