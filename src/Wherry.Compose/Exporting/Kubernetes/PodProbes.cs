using Wherry.Compose.Writing;
using Wherry.Core.Model;

namespace Wherry.Compose.Exporting.Kubernetes;

/// <summary>Probes from the health gate: one while a container starts, one for as long as it runs. None restarts it: neither does Wherry's.</summary>
internal static class PodProbes
{
    private static readonly TimeSpan EngineInterval = TimeSpan.FromSeconds(30);
    private const int EngineRetries = 3;

    public static void Add(YamlMapping container, ExportedService service)
    {
        var spec = service.Spec;
        if (spec.Health is { } health && (health.Command ?? (object?)health.Port) is not null)
        {
            Add(container, Handler(spec, health), health.Interval, health.Timeout, retries: 3, Failures(health.Deadline, health.Interval));
        }
        else if (spec.Healthcheck is { Test: [not "NONE", ..] } check)
        {
            var interval = check.Interval ?? EngineInterval;
            var retries = check.Retries is > 0 and var r ? r : EngineRetries;
            Add(container, Exec(check.Test), interval, check.Timeout ?? EngineInterval, retries, retries + Failures(check.StartPeriod ?? TimeSpan.Zero, interval));
        }
        else if (spec.Routes is [var route, ..])
        {
            Add(container, Handler(spec, new() { Port = route.Port }), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), retries: 3, startFailures: 60);
        }
        else if (spec.Healthcheck is null && service.Ports.Count == 0)
        {
            service.Losses.Add(spec, "has no probe: a check that its image brings is not heeded");
        }
    }

    private static void Add(YamlMapping container, YamlMapping handler, TimeSpan interval, TimeSpan timeout, int retries, int startFailures)
    {
        container["startupProbe"] = Probe(handler, interval, timeout, startFailures);
        container["readinessProbe"] = Probe(handler, interval, timeout, retries);
    }

    private static YamlMapping Probe(YamlMapping handler, TimeSpan interval, TimeSpan timeout, int failures)
    {
        var probe = new YamlMapping();
        foreach (var (key, value) in handler)
        {
            probe[key] = value;
        }

        probe["periodSeconds"] = Seconds(interval);
        probe["timeoutSeconds"] = Seconds(timeout);
        probe["failureThreshold"] = failures;
        return probe;
    }

    private static YamlMapping Handler(ServiceSpec spec, HealthSpec health)
    {
        if (health.Command is { } command)
        {
            return new() { ["exec"] = new YamlMapping { ["command"] = new YamlSequence(command) } };
        }

        if (health.Path is null)
        {
            return new() { ["tcpSocket"] = new YamlMapping { ["port"] = health.Port!.Value } };
        }

        var host = health.Host ?? spec.Routes.FirstOrDefault(r => r.Host is { IsWildcard: false })?.Host?.Value;
        return new()
        {
            ["httpGet"] = new YamlMapping
            {
                ["path"] = health.Path,
                ["port"] = health.Port!.Value,
                ["httpHeaders"] = host is null ? null : new YamlSequence { new YamlMapping { ["name"] = "Host", ["value"] = host } },
            },
        };
    }

    private static YamlMapping Exec(IReadOnlyList<string> test) => new()
    {
        ["exec"] = new YamlMapping { ["command"] = new YamlSequence(test[0] == "CMD-SHELL" ? ["/bin/sh", "-c", .. test.Skip(1)] : test.Skip(1)) },
    };

    /// <summary>Kubernetes counts in whole seconds, from one.</summary>
    public static int Seconds(TimeSpan time) => Math.Max(1, (int)Math.Ceiling(time.TotalSeconds));

    private static int Failures(TimeSpan within, TimeSpan interval) => Math.Max(1, (int)Math.Ceiling(within.TotalSeconds / Seconds(interval)));
}
