using System.Globalization;
using System.Text;
using Wherry.Edge.Switching;

namespace Wherry.Edge.Metrics;

/// <summary>The edge's numbers in the Prometheus text format.</summary>
internal sealed class MetricsPage(TrafficSwitch traffic, TrafficCounters unrouted, AccessLogs.AccessLog accessLog)
{
    private const string NoService = "-";

    public string Write()
    {
        var text = new StringBuilder();
        List<(string Service, TrafficCounters Counters)> all = [.. traffic.Snapshot.Services.Values.Select(s => (s.Key, s.Counters)), (NoService, unrouted)];
        Requests(text, all);
        Each(text, all, "wherry_edge_requests_in_flight", "gauge", "Requests that a service is working on.", c => c.InFlight);
        Durations(text, all);
        Each(text, all, "wherry_edge_drains_total", "counter", "Drains of old targets.", c => c.Drains);
        Each(text, all, "wherry_edge_cut_requests_total", "counter", "Requests that outlived a drain and were cut.", c => c.CutRequests);
        Targets(text);
        Process(text);
        return text.ToString();
    }

    private static void Requests(StringBuilder text, List<(string Service, TrafficCounters Counters)> all)
    {
        Head(text, "wherry_edge_requests_total", "counter", "Finished requests by service, method and status class.");
        foreach (var (service, counters) in all)
        {
            for (var method = 0; method < TrafficCounters.Methods.Length; method++)
            {
                for (var status = 1; status <= 5; status++)
                {
                    if (counters.Requests(method, status) is > 0 and var count)
                    {
                        Line(text, $"wherry_edge_requests_total{{service=\"{service}\",method=\"{TrafficCounters.Methods[method]}\",status=\"{status}xx\"}} {count}");
                    }
                }
            }
        }
    }

    private static void Durations(StringBuilder text, List<(string Service, TrafficCounters Counters)> all)
    {
        Head(text, "wherry_edge_request_duration_seconds", "histogram", "Time from a request's head to the end of its answer.");
        foreach (var (service, counters) in all)
        {
            var sum = 0L;
            for (var i = 0; i < TrafficCounters.Bounds.Length; i++)
            {
                sum += counters.Took(i);
                Line(text, $"wherry_edge_request_duration_seconds_bucket{{service=\"{service}\",le=\"{TrafficCounters.Bounds[i]}\"}} {sum}");
            }

            sum += counters.Took(TrafficCounters.Bounds.Length);
            Line(text, $"wherry_edge_request_duration_seconds_bucket{{service=\"{service}\",le=\"+Inf\"}} {sum}");
            Line(text, $"wherry_edge_request_duration_seconds_sum{{service=\"{service}\"}} {counters.Seconds}");
            Line(text, $"wherry_edge_request_duration_seconds_count{{service=\"{service}\"}} {sum}");
        }
    }

    private void Targets(StringBuilder text)
    {
        Head(text, "wherry_edge_targets", "gauge", "Targets of a service.");
        foreach (var slot in traffic.Snapshot.Services.Values)
        {
            Line(text, $"wherry_edge_targets{{service=\"{slot.Key}\"}} {slot.Targets.Count}");
        }

        Head(text, "wherry_edge_targets_healthy", "gauge", "Targets in the rotation.");
        foreach (var slot in traffic.Snapshot.Services.Values)
        {
            Line(text, $"wherry_edge_targets_healthy{{service=\"{slot.Key}\"}} {slot.Targets.Count(t => t.Healthy)}");
        }
    }

    private void Process(StringBuilder text)
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        Head(text, "wherry_edge_access_log_dropped_total", "counter", "Access log lines given up because the disk was too slow.");
        Line(text, $"wherry_edge_access_log_dropped_total {accessLog.Dropped}");
        Head(text, "process_resident_memory_bytes", "gauge", "Resident memory.");
        Line(text, $"process_resident_memory_bytes {process.WorkingSet64}");
        Head(text, "process_cpu_seconds_total", "counter", "User and system time.");
        Line(text, $"process_cpu_seconds_total {process.TotalProcessorTime.TotalSeconds}");
        Head(text, "process_threads", "gauge", "Operating system threads.");
        Line(text, $"process_threads {process.Threads.Count}");
    }

    private static void Each(
        StringBuilder text, List<(string Service, TrafficCounters Counters)> all, string name, string kind, string help, Func<TrafficCounters, long> value)
    {
        Head(text, name, kind, help);
        foreach (var (service, counters) in all)
        {
            Line(text, $"{name}{{service=\"{service}\"}} {value(counters)}");
        }
    }

    private static void Head(StringBuilder text, string name, string kind, string help)
    {
        Line(text, $"# HELP {name} {help}");
        Line(text, $"# TYPE {name} {kind}");
    }

    private static void Line(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
