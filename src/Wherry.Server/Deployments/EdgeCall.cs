using System.Diagnostics;
using Wherry.Server.Metrics;

namespace Wherry.Server.Deployments;

/// <summary>A call of the edge under way: timed, and a span where it belongs to a trace.</summary>
internal sealed class EdgeCall : IDisposable
{
    private readonly long _since = Stopwatch.GetTimestamp();
    private readonly Activity? _span;
    private string _outcome = "broken";

    private EdgeCall(Activity? span) => _span = span;

    public static EdgeCall Begin(HttpMethod method, string path)
    {
        // /services/{key}[/verb]: the key is a tag, not part of the name.
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var name = string.Join(' ', parts.Where((_, i) => i != 1));
        var span = Activity.Current is null ? null : ServerMeter.Traces.StartActivity($"edge {method.Method} {name}", ActivityKind.Client);
        return new EdgeCall(span?.SetTag("wherry.edge.service", parts.ElementAtOrDefault(1)));
    }

    public void Answered(int status)
    {
        _outcome = status < 400 ? "ok" : "refused";
        _span?.SetTag("http.response.status_code", status);
    }

    public void Dispose()
    {
        ServerMeter.EdgeCallDuration.Record(Stopwatch.GetElapsedTime(_since).TotalSeconds, new KeyValuePair<string, object?>("outcome", _outcome));
        _span?.SetTag("wherry.outcome", _outcome).SetStatus(_outcome == "ok" ? ActivityStatusCode.Unset : ActivityStatusCode.Error);
        _span?.Dispose();
    }
}
