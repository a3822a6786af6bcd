using Wherry.Core.Metrics;
using Wherry.Edge.Switching;
using Wherry.Edge.Tcp;

namespace Wherry.Edge.Metrics;

/// <summary>The edge's numbers in the Prometheus text format.</summary>
internal sealed class MetricsPage(TrafficSwitch traffic, AccessLogs.AccessLog accessLog, TcpPorts ports)
{
    private const string NoService = "-";

    public string Write()
    {
        var text = new PrometheusText();
        List<(string Service, TrafficCounters Counters)> all = [.. traffic.Snapshot.Services.Values.Select(s => (s.Key, s.Counters)), (NoService, traffic.Unrouted)];
        Requests(text, all);
        Each(text, all, "wherry_edge_requests_in_flight", "gauge", "Requests that a service is working on.", c => c.InFlight);
        Durations(text, all);
        Each(text, all, "wherry_edge_drains_total", "counter", "Drains of old targets.", c => c.Drains);
        Each(text, all, "wherry_edge_cut_requests_total", "counter", "Requests that outlived a drain and were cut.", c => c.CutRequests);
        Splits(text, all);
        Tcp(text, all);
        Targets(text);
        Process(text);
        return text.ToString();
    }

    private static void Requests(PrometheusText text, List<(string Service, TrafficCounters Counters)> all)
    {
        text.Family("wherry_edge_requests_total", "counter", "Finished requests by service, method and status class.");
        foreach (var (service, counters) in all)
        {
            for (var method = 0; method < TrafficCounters.Methods.Length; method++)
            {
                for (var status = 1; status <= 5; status++)
                {
                    if (counters.Requests(method, status) is > 0 and var count)
                    {
                        text.Sample("wherry_edge_requests_total", $"{Of(service)},{PrometheusText.Label("method", TrafficCounters.Methods[method])},{PrometheusText.Label("status", $"{status}xx")}", count);
                    }
                }
            }
        }
    }

    private static void Durations(PrometheusText text, List<(string Service, TrafficCounters Counters)> all)
    {
        text.Family("wherry_edge_request_duration_seconds", "histogram", "Time from a request's head to the end of its answer.");
        foreach (var (service, counters) in all)
        {
            text.Histogram("wherry_edge_request_duration_seconds", Of(service), DurationBuckets.Bounds, counters.Took(), counters.Seconds);
        }
    }

    private static void Splits(PrometheusText text, List<(string Service, TrafficCounters Counters)> all)
    {
        List<(string Labels, SideCounters Side)> sides =
        [
            .. from each in all
               where each.Counters.Split is not null
               from side in new[] { ("shared", each.Counters.Split!.Shared), ("others", each.Counters.Split!.Others) }
               select ($"{Of(each.Service)},{PrometheusText.Label("side", side.Item1)}", side.Item2),
        ];
        Family("wherry_edge_split_requests_total", "counter", "Requests that a side of a split answered, since it has the share that it has.", s => s.Requests);
        Family("wherry_edge_split_failed_requests_total", "counter", "Those of them that were answered 5xx.", s => s.Failed);
        text.Family("wherry_edge_split_request_duration_seconds", "histogram", "How long a side of a split took.");
        foreach (var (labels, side) in sides)
        {
            text.Histogram("wherry_edge_split_request_duration_seconds", labels, DurationBuckets.Bounds, side.Took(), side.Seconds);
        }

        void Family(string name, string kind, string help, Func<SideCounters, long> value)
        {
            text.Family(name, kind, help);
            sides.ForEach(s => text.Sample(name, s.Labels, value(s.Side)));
        }
    }

    private void Tcp(PrometheusText text, List<(string Service, TrafficCounters Counters)> all)
    {
        all = [.. all.Where(s => s.Service != NoService)];
        Each(text, all, "wherry_edge_tcp_connections", "gauge", "Connections to a service's TCP routes.", c => c.Tcp.Open);
        Each(text, all, "wherry_edge_tcp_received_bytes_total", "counter", "Bytes from clients of TCP routes.", c => c.Tcp.BytesIn);
        Each(text, all, "wherry_edge_tcp_sent_bytes_total", "counter", "Bytes to clients of TCP routes.", c => c.Tcp.BytesOut);
        text.Family("wherry_edge_tcp_connections_total", "counter", "Ended connections to TCP routes by service and how they ended.");
        foreach (var (service, counters) in all)
        {
            foreach (var end in Enum.GetValues<TcpEnd>().Where(e => counters.Tcp.Of(e) > 0))
            {
                text.Sample("wherry_edge_tcp_connections_total", $"{Of(service)},{PrometheusText.Label("end", TcpCounters.Ends[(int)end])}", counters.Tcp.Of(end));
            }
        }

        text.Family("wherry_edge_tcp_listening", "gauge", "Whether the edge has an address of a TCP route.");
        foreach (var (address, listens) in ports.State())
        {
            text.Sample("wherry_edge_tcp_listening", PrometheusText.Label("address", address.ToString()), listens ? 1 : 0);
        }
    }

    private void Targets(PrometheusText text)
    {
        text.Family("wherry_edge_targets", "gauge", "Targets of a service.");
        foreach (var slot in traffic.Snapshot.Services.Values)
        {
            text.Sample("wherry_edge_targets", Of(slot.Key), slot.Targets.Count);
        }

        text.Family("wherry_edge_targets_healthy", "gauge", "Targets in the rotation.");
        foreach (var slot in traffic.Snapshot.Services.Values)
        {
            text.Sample("wherry_edge_targets_healthy", Of(slot.Key), slot.Targets.Count(t => t.Healthy));
        }
    }

    private void Process(PrometheusText text)
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        text.One("wherry_edge_access_log_dropped_total", "counter", "Access log lines given up because the disk was too slow.", accessLog.Dropped);
        text.One("process_resident_memory_bytes", "gauge", "Resident memory.", process.WorkingSet64);
        text.One("process_cpu_seconds_total", "counter", "User and system time.", process.TotalProcessorTime.TotalSeconds);
        text.One("process_threads", "gauge", "Operating system threads.", process.Threads.Count);
    }

    private static void Each(PrometheusText text, List<(string Service, TrafficCounters Counters)> all, string name, string kind, string help, Func<TrafficCounters, long> value)
    {
        text.Family(name, kind, help);
        foreach (var (service, counters) in all)
        {
            text.Sample(name, Of(service), value(counters));
        }
    }

    private static string Of(string service) => PrometheusText.Label("service", service);
}
