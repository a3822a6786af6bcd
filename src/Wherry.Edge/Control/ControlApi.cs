using System.Net.Mime;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Wherry.Core.Problems;
using Wherry.Core.Routing;
using Wherry.Edge.Metrics;
using Wherry.Edge.Switching;

namespace Wherry.Edge.Control;

/// <summary>The API on the edge's socket. Whoever may open the socket may do everything.</summary>
/// <param name="signsItself">The proxy in this edge's place, where not this edge's authority signs for internal names.</param>
internal sealed class ControlApi(TrafficSwitch traffic, MetricsPage metrics, CertificateCalls certificates, Func<EdgeHealth> health, string? signsItself)
{
    private static readonly TimeSpan DefaultHold = TimeSpan.FromSeconds(30);

    public async Task HandleAsync(HttpContext http)
    {
        try
        {
            await RouteAsync(http);
        }
        catch (ProblemException e)
        {
            await AnswerAsync(http, StatusOf(e.Problem.Code), EdgeProblem.Of(e), EdgeJson.Default.EdgeProblem);
        }
        catch (JsonException e)
        {
            var problem = new Problem("edge/json", $"The request's JSON cannot be read: {e.Message}", "Send what EdgeService, PauseRequest or MaintenanceRequest describe.");
            await AnswerAsync(http, StatusCodes.Status400BadRequest, problem, EdgeJson.Default.Problem);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The caller left before the switch; nothing has changed and nobody listens.
        }
    }

    private Task RouteAsync(HttpContext http) => (http.Request.Method, http.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries)) switch
    {
        ("GET", ["health"]) => AnswerAsync(http, StatusCodes.Status200OK, health(), EdgeJson.Default.EdgeHealth),
        ("GET", ["metrics"]) => WriteMetricsAsync(http),
        ("GET", ["traffic"]) => AnswerAsync(http, StatusCodes.Status200OK, traffic.GetTraffic(), EdgeJson.Default.IReadOnlyListServiceTraffic),
        ("GET", ["authority"]) when signsItself is { } proxy => throw new Problem("edge/unsupported", $"{proxy} signs for internal names itself; this edge's own authority signs nothing.", "Have its root trusted with its own program: `caddy trust`.").AsException(),
        ("GET", ["authority"]) => certificates.WriteRootAsync(http),
        ("POST", ["acme", "roll-key"]) => certificates.RollKeyAsync(http),
        ("GET", ["certificates"]) => certificates.ListAsync(http),
        ("PUT", ["certificates", var name]) => certificates.PutAsync(http, name),
        ("DELETE", ["certificates", var name]) => RemoveCertificate(http, name),
        ("GET", ["services"]) => AnswerAsync(http, StatusCodes.Status200OK, traffic.GetStates(), EdgeJson.Default.IReadOnlyListEdgeServiceState),
        ("GET", ["services", var key]) => AnswerAsync(http, StatusCodes.Status200OK, traffic.GetState(key), EdgeJson.Default.EdgeServiceState),
        ("PUT", ["services", var key]) => PutAsync(http, key),
        ("POST", ["services", var key, "gate"]) => GateAsync(http, key),
        ("DELETE", ["services", var key]) => RemoveAsync(http, key),
        ("POST", ["services", var key, ("pause" or "resume" or "maintenance") and var verb]) => SetAdmissionAsync(http, key, verb),
        _ => throw new Problem("edge/unknown-call", $"The edge has no {http.Request.Method} {http.Request.Path}.", "It has /health, /metrics, /traffic, /authority, /acme/roll-key, /certificates[/{name}], /services and /services/{key}[/gate|/pause|/resume|/maintenance].").AsException(),
    };

    private Task RemoveCertificate(HttpContext http, string name)
    {
        certificates.Remove(http, name);
        return Task.CompletedTask;
    }

    private Task WriteMetricsAsync(HttpContext http)
    {
        http.Response.ContentType = Core.Metrics.PrometheusText.ContentType;
        return http.Response.WriteAsync(metrics.Write(), http.RequestAborted);
    }

    private async Task GateAsync(HttpContext http, string key)
    {
        await traffic.GateAsync(key, await ReadServiceAsync(http), http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task PutAsync(HttpContext http, string key)
    {
        var report = await traffic.PutAsync(key, await ReadServiceAsync(http), http.RequestAborted);
        await AnswerAsync(http, StatusCodes.Status200OK, report, EdgeJson.Default.SwitchReport);
    }

    private async Task RemoveAsync(HttpContext http, string key) =>
        await AnswerAsync(http, StatusCodes.Status200OK, await traffic.RemoveAsync(key, http.RequestAborted), EdgeJson.Default.SwitchReport);

    private async Task SetAdmissionAsync(HttpContext http, string key, string verb)
    {
        await traffic.SetAdmissionAsync(key, await AdmissionAsync(http, verb), http.RequestAborted);
        await AnswerAsync(http, StatusCodes.Status200OK, traffic.GetState(key), EdgeJson.Default.EdgeServiceState);
    }

    private static async Task<EdgeService> ReadServiceAsync(HttpContext http) =>
        await ReadAsync(http, EdgeJson.Default.EdgeService) ?? throw new JsonException("nothing is not a service");

    private static async Task<Admission.State> AdmissionAsync(HttpContext http, string verb)
    {
        switch (verb)
        {
            case "pause":
                var pause = await ReadAsync(http, EdgeJson.Default.PauseRequest);
                var maxWait = pause?.MaxWait ?? DefaultHold;
                return maxWait > TimeSpan.Zero && maxWait <= TimeSpan.FromHours(1)
                    ? new(ServiceMode.Paused, null, maxWait, Checked(pause?.Allow), pause?.Until)
                    : throw new Problem("edge/pause", $"Requests cannot be held for {maxWait}.", "Hold them for more than 0 s and at most 1 h.").AsException();
            case "maintenance":
                var maintenance = await ReadAsync(http, EdgeJson.Default.MaintenanceRequest);
                return new(ServiceMode.Maintenance, maintenance?.Message, TimeSpan.Zero, Checked(maintenance?.Allow), maintenance?.Until);
            default:
                return Admission.State.Running;
        }
    }

    private static IReadOnlyList<string>? Checked(IReadOnlyList<string>? allow) => RouteRulesCheck.Networks("allow", allow).FirstOrDefault() is { } wrong
        ? throw new Problem("edge/allow", $"{wrong}.", "Write addresses as 192.0.2.7 and networks as 10.0.0.0/8.").AsException()
        : allow;

    private static int StatusOf(string code) => code switch
    {
        "edge/unknown-service" or "edge/unknown-call" => StatusCodes.Status404NotFound,
        "route/host-taken" or "route/port-taken" or "edge/port-taken" => StatusCodes.Status409Conflict,
        "health/deadline" => StatusCodes.Status422UnprocessableEntity,
        "edge/proxy-away" or "edge/proxy-refused" => StatusCodes.Status502BadGateway,
        "edge/state-not-saved" or "edge/traefik-folder" => StatusCodes.Status507InsufficientStorage,
        _ => StatusCodes.Status400BadRequest,
    };

    /// <summary>The body, or <see langword="null"/> when there is none.</summary>
    internal static async Task<T?> ReadAsync<T>(HttpContext http, JsonTypeInfo<T> type)
        where T : class
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        return body.Length == 0 ? null : JsonSerializer.Deserialize(body.GetBuffer().AsSpan(0, (int)body.Length), type);
    }

    internal static async Task AnswerAsync<T>(HttpContext http, int status, T answer, JsonTypeInfo<T> type)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(answer, type);
        http.Response.StatusCode = status;
        http.Response.ContentType = MediaTypeNames.Application.Json;
        http.Response.ContentLength = body.Length;
        await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }
}
