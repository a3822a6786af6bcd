using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Wherry.Core.Health;
using Wherry.Edge.Targets;

namespace Wherry.Edge.Health;

/// <summary>What one probe found.</summary>
/// <param name="Says">The finding in words, with its time in ms.</param>
/// <param name="Report">The finding in parts, when it is not well.</param>
/// <param name="CutShort">It had less time than its timeout, and no answer within it.</param>
internal readonly record struct ProbeResult(bool Passed, string Says, ProbeReport? Report = null, bool CutShort = false);

/// <summary>Asks a target whether it is well, from where its traffic comes.</summary>
internal sealed class Prober(Upstream upstream, TimeProvider time)
{
    /// <summary>In the sentence.</summary>
    private const int BodyStart = 200;

    /// <summary>In the report. More than is shown: a secret that is cut in two could not be masked.</summary>
    private const int ReportedBytes = 2000;

    private static readonly ProbeResult Well = new(true, "well");

    /// <summary>One probe, at most as long as its timeout.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> ended it.</exception>
    public async Task<ProbeResult> ProbeAsync(LiveTarget target, TimeSpan atMost, CancellationToken ct)
    {
        var plan = target.Probe;
        var limit = atMost < plan.Timeout ? atMost : plan.Timeout;
        var start = time.GetTimestamp();
        using var timer = new CancellationTokenSource(limit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, ct);
        try
        {
            return plan.Path is null ? await ConnectAsync(target, plan, both.Token) : await GetAsync(target, plan, start, both.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new(false, $"no answer from {Place(target, plan)} within {Ms(limit)}", Report(target, plan, start, "no answer"), CutShort: limit < plan.Timeout);
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or IOException)
        {
            return new(false, $"{Why(e)} at {Place(target, plan)} after {Ms(time.GetElapsedTime(start))}", Report(target, plan, start, Why(e)));
        }
    }

    private async Task<ProbeResult> ConnectAsync(LiveTarget target, ProbePlan plan, CancellationToken ct)
    {
        using var socket = await upstream.ConnectAsync(target, plan.Port, ct);
        return Well;
    }

    private async Task<ProbeResult> GetAsync(LiveTarget target, ProbePlan plan, long start, CancellationToken ct)
    {
        var uri = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://{target.PoolName}:{plan.Port}{plan.Path}"), new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        (request.Version, request.VersionPolicy) = (plan.Http2 ? HttpVersion.Version20 : HttpVersion.Version11, HttpVersionPolicy.RequestVersionExact);
        request.Headers.Host = plan.Host;
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("Wherry-Probe", "1"));
        using var response = await upstream.Invoker.SendAsync(request, ct);
        var status = (int)response.StatusCode;
        if (status is >= 200 and < 400)
        {
            return Well;
        }

        var body = await BodyStartAsync(response, ct);
        var line = $"{status} {response.ReasonPhrase}".TrimEnd();
        var shown = body.Length == 0 ? ", empty body" : $": {(body.Length > BodyStart ? body[..BodyStart] : body)}";
        return new(false, $"{line} from {Place(target, plan)}{plan.Path} after {Ms(time.GetElapsedTime(start))}{shown}", Report(target, plan, start, line, status, body));
    }

    private static async Task<string> BodyStartAsync(HttpResponseMessage response, CancellationToken ct)
    {
        var buffer = new byte[ReportedBytes];
        var length = 0;
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(ct);
            for (int read; length < buffer.Length && (read = await body.ReadAsync(buffer.AsMemory(length), ct)) > 0;)
            {
                length += read;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException)
        {
            // The status has been heard; what is there of the body is enough.
        }

        return string.Concat(Encoding.UTF8.GetString(buffer, 0, length).Select(c => char.IsControl(c) ? ' ' : c)).Trim();
    }

    private ProbeReport Report(LiveTarget target, ProbePlan plan, long start, string said, int? status = null, string body = "") => new(
        target.Id,
        time.GetUtcNow(),
        plan.Path is null ? $"connect to {Place(target, plan)}" : $"GET http://{Place(target, plan)}{plan.Path}",
        plan.Host,
        status,
        said,
        body,
        time.GetElapsedTime(start));

    private static string Why(Exception e) => e.GetBaseException() switch
    {
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => ProbeReport.Refused,
        SocketException { SocketErrorCode: SocketError.TimedOut } => "connection timed out",
        SocketException s => s.SocketErrorCode.ToString(),
        var other => other.Message,
    };

    private static string Place(LiveTarget target, ProbePlan plan) =>
        string.Create(CultureInfo.InvariantCulture, $"{target.Address}:{plan.Port}");

    private static string Ms(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0} ms");
}
