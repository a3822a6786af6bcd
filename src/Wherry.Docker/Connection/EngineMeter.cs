using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Wherry.Docker.Connection;

/// <summary>Counts and times calls of the engine, and shows those that belong to a trace in it.</summary>
internal static class EngineMeter
{
    private const string Name = "Wherry";

    private static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);
    private static readonly Histogram<double> Took = Meter.CreateHistogram<double>("wherry.engine.call.duration", "s", "Time from a call of the engine to the head of its answer, by object and outcome.");

    public static EngineCall Begin(EngineRequest request)
    {
        // A call that belongs to no trace would be a trace of one span.
        var span = Activity.Current is null ? null : Source.StartActivity($"engine {request.Method.Method} {request.About.Kind}", ActivityKind.Client);
        span?.SetTag("wherry.engine.object", request.About.ToString());
        return new EngineCall(request.About.Kind, span, Stopwatch.GetTimestamp());
    }

    /// <summary>A call under way.</summary>
    internal sealed class EngineCall(string kind, Activity? span, long since) : IDisposable
    {
        private string _outcome = "broken";

        /// <param name="outcome"><c>ok</c> or <c>refused</c>; a call that ends without is <c>broken</c>.</param>
        public void Ended(string outcome, int status)
        {
            _outcome = outcome;
            span?.SetTag("http.response.status_code", status);
        }

        public void Dispose()
        {
            Took.Record(Stopwatch.GetElapsedTime(since).TotalSeconds, new("object", kind), new("outcome", _outcome));
            span?.SetTag("wherry.outcome", _outcome).SetStatus(_outcome == "ok" ? ActivityStatusCode.Unset : ActivityStatusCode.Error);
            span?.Dispose();
        }
    }
}
