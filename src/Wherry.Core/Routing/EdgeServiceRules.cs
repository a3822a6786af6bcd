using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Core.Routing;

/// <summary>What must hold for a service before the edge takes it.</summary>
public static partial class EdgeServiceRules
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>Bodies are kept in memory until they are sent again.</summary>
    private const long MostMirrored = 1 << 20;

    /// <summary>Checks everything and reports all that is wrong at once.</summary>
    /// <param name="key">The edge's name for it.</param>
    /// <param name="service">What to look at.</param>
    /// <param name="kept">It was taken before: <see cref="RouteRulesCheck.Wrongs"/>.</param>
    /// <exception cref="ProblemException"><c>edge/key</c> or <c>edge/service</c>.</exception>
    public static void Check(string key, EdgeService service, bool kept = false)
    {
        if (!KeyShape().IsMatch(key))
        {
            throw new Problem("edge/key", $"{Problem.Quoted(key)} is not a service key.", "Write it as project.environment.service: letters, digits and . _ -").AsException();
        }

        List<string> wrong = [];
        CheckRoutes(service.Routes, service.Tcp, kept, wrong);
        wrong.AddRange(TcpRouteCheck.Wrongs(service.Tcp));
        CheckTargets(service.Targets, wrong);
        CheckProbe(service.Probe, wrong);
        Range(service.DrainFor, TimeSpan.Zero, Day, "drainFor", wrong);
        wrong.AddRange((service.TakesFrom ?? []).Where(k => k is null || !KeyShape().IsMatch(k)).Select(k => $"takesFrom: {Problem.Quoted(k ?? "")} is not a service key"));
        if (service.CanonicalHost is { } canonical && (canonical.IsWildcard || (service.Routes ?? []).All(r => r?.Host is not { } host || !host.Covers(canonical))))
        {
            wrong.Add($"canonicalHost: {canonical} is not a host of its routes");
        }

        if (service.Files is { } files && !FilesShape().IsMatch(files))
        {
            wrong.Add($"files: {Problem.Quoted(files)} is not a folder's name");
        }

        CheckOnDemand(service, wrong);
        CheckSplit(service, wrong);
        wrong.AddRange(service.Rules is { } rules ? ServiceRulesCheck.Wrongs(rules) : []);
        if (service.MaxBodyBytes < 0)
        {
            wrong.Add($"maxBodyBytes: {service.MaxBodyBytes} is negative");
        }

        if (wrong.Count > 0)
        {
            throw new Problem("edge/service", $"{key} cannot be served: {string.Join("; ", wrong)}.", "Correct the named values; nothing has changed.").AsException();
        }
    }

    private static void CheckOnDemand(EdgeService service, List<string> wrong)
    {
        if (service.Tls is not { OnDemand: { } policy } tls)
        {
            return;
        }

        if (OnDemand.WrongWith(policy) is { } why)
        {
            wrong.Add($"tls.onDemand: {Problem.Quoted(policy)} {why}");
        }

        if (tls.Source is not TlsSource.Automatic)
        {
            wrong.Add("tls.onDemand: only automatic certificates are obtained on demand");
        }

        if (!OnDemand.HasPlace((service.Routes ?? []).OfType<Route>()))
        {
            wrong.Add("tls.onDemand: all hosts are named; it needs a route without host, or with a wildcard");
        }
    }

    private static void CheckSplit(EdgeService service, List<string> wrong)
    {
        if (service.Split is not { } split)
        {
            return;
        }

        if (split.Share is not (>= 0 and <= 100))
        {
            wrong.Add(string.Create(CultureInfo.InvariantCulture, $"split.share: {split.Share} is not between 0 and 100"));
        }

        if (split is { Cookie: not null, Header: not null })
        {
            wrong.Add("split: has a cookie and a header; one of them tells visitors apart");
        }

        if ((split.Cookie ?? split.Header) is { } name && !RouteRulesCheck.IsToken(name))
        {
            wrong.Add($"split: {Problem.Quoted(name)} is not the name of a cookie or header");
        }

        if (split.Mirror is { } mirror)
        {
            CheckMirror(service, split, mirror, wrong);
        }

        wrong.AddRange(split.Targets is null ? ["split.targets: are missing"] : split.Targets.Where(id => (service.Targets ?? []).All(t => t?.Id != id)).Select(id => $"split.targets: {Problem.Quoted(id ?? "")} is not among the targets"));
    }

    private static void CheckMirror(EdgeService service, TrafficSplit split, TrafficMirror mirror, List<string> wrong)
    {
        if ((service.Targets ?? []).All(t => split.Targets?.Contains(t?.Id) != false))
        {
            wrong.Add("split.mirror: no target is left that answers visitors");
        }

        if (mirror.MaxBodyBytes is < 0 or > MostMirrored)
        {
            wrong.Add($"split.mirror.maxBodyBytes: {mirror.MaxBodyBytes} is not between 0 and {MostMirrored}");
        }

        wrong.AddRange(mirror.Methods is null ? ["split.mirror.methods: are missing"] : mirror.Methods.Where(m => m is null || !RouteRulesCheck.IsToken(m)).Select(m => $"split.mirror.methods: {Problem.Quoted(m ?? "")} is not a method"));
    }

    private static void CheckRoutes(IReadOnlyList<Route>? routes, IReadOnlyList<TcpRoute>? tcp, bool kept, List<string> wrong)
    {
        if (routes is null || (routes.Count == 0 && tcp is not { Count: > 0 }))
        {
            wrong.Add("routes: at least one is needed");
            return;
        }

        for (var i = 0; i < routes.Count; i++)
        {
            if (routes[i] is not { Path: not null } route)
            {
                wrong.Add($"routes[{i}].path: is missing");
                continue;
            }

            Port(route.Port, $"routes[{i}].port", wrong);
            wrong.AddRange(route.Rules is { } rules ? RouteRulesCheck.Wrongs(rules, kept).Select(w => $"routes[{i}].{w}") : []);
        }
    }

    private static void CheckTargets(IReadOnlyList<Target>? targets, List<string> wrong)
    {
        if (targets is null)
        {
            wrong.Add("targets: are missing");
            return;
        }

        HashSet<string> ids = [];
        HashSet<string> addresses = [];
        for (var i = 0; i < targets.Count; i++)
        {
            if (targets[i] is not { Id: { } id, Address: { } address } || !IdShape().IsMatch(id))
            {
                wrong.Add($"targets[{i}].id: {Problem.Quoted(targets[i]?.Id ?? "")} is not an id; use letters, digits and . _ -");
                continue;
            }

            if (!IPAddress.TryParse(address, out _))
            {
                wrong.Add($"targets[{i}].address: {Problem.Quoted(address)} is not an IP address");
            }

            if (!ids.Add(id) | !addresses.Add(address))
            {
                wrong.Add($"targets[{i}]: {id} at {Problem.Quoted(address)} is named twice");
            }
        }
    }

    private static void CheckProbe(Probe? probe, List<string> wrong)
    {
        if (probe is null)
        {
            wrong.Add("probe: is missing");
            return;
        }

        if (probe.Path is { } path && !PathShape().IsMatch(path))
        {
            wrong.Add($"probe.path: {Problem.Quoted(path)} is not a path; start it with / and encode spaces");
        }

        if (probe.Host is { Length: > 0 } host && !HostShape().IsMatch(host))
        {
            wrong.Add($"probe.host: {Problem.Quoted(host)} is not a host");
        }

        if (probe.Port is { } port)
        {
            Port(port, "probe.port", wrong);
        }

        Range(probe.Interval, TimeSpan.FromMilliseconds(10), Hour, "probe.interval", wrong);
        Range(probe.Timeout, TimeSpan.FromMilliseconds(10), Hour, "probe.timeout", wrong);
        Range(probe.Deadline, TimeSpan.FromMilliseconds(10), Day, "probe.deadline", wrong);
    }

    private static void Port(int port, string at, List<string> wrong)
    {
        if (port is < 1 or > 65535)
        {
            wrong.Add($"{at}: {port} is not a TCP port");
        }
    }

    private static void Range(TimeSpan value, TimeSpan least, TimeSpan most, string at, List<string> wrong)
    {
        if (value < least || value > most)
        {
            wrong.Add(string.Create(CultureInfo.InvariantCulture, $"{at}: {value} is not between {least} and {most}"));
        }
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,199}\z")]
    private static partial Regex KeyShape();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,127}\z")]
    private static partial Regex IdShape();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,199}/[A-Za-z0-9][A-Za-z0-9_-]{0,99}\z")]
    private static partial Regex FilesShape();

    [GeneratedRegex(@"\A/[!-~]{0,1023}\z")]
    private static partial Regex PathShape();

    [GeneratedRegex(@"\A[A-Za-z0-9._:\[\]-]{1,255}\z")]
    private static partial Regex HostShape();
}
