using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using Wherry.Core.Model;
using Wherry.Core.Routing;
using Wherry.Edge.Switching;
using Wherry.Edge.Targets;

namespace Wherry.Edge.Certificates;

/// <summary>Asks whether a host that nobody listed may have a certificate: the service itself, or whoever its settings name. Only 200 is a yes.</summary>
internal sealed partial class OnDemandPolicy(Upstream upstream, TimeProvider time, ILogger<OnDemandPolicy> logger) : IDisposable
{
    private const int LoggedBytes = 256;

    private static readonly TimeSpan Within = TimeSpan.FromSeconds(3);

    private readonly HttpMessageInvoker _outside = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ConnectTimeout = Within,
        PooledConnectionLifetime = TimeSpan.FromMinutes(1),
        MaxResponseDrainSize = 0,
    });

    /// <param name="slot">The service that takes the host.</param>
    /// <param name="route">Its route for that host.</param>
    /// <param name="policy">A path of it, or an address.</param>
    public async Task<bool> AllowsAsync(ServiceSlot slot, Route route, string policy, HostName host, CancellationToken ct)
    {
        var question = $"{policy}{(policy.Contains('?', StringComparison.Ordinal) ? '&' : '?')}host={host}";
        if (!OnDemand.IsPath(policy))
        {
            using var ask = new HttpRequestMessage(HttpMethod.Get, question) { Version = HttpVersion.Version11 };
            return await AskAsync(_outside, ask, policy, host, ct);
        }

        if (slot.Admission.Now.Mode is not ServiceMode.Running || slot.Claim([], default) is not { } target)
        {
            LogNobody(host, slot.Key);
            return false;
        }

        try
        {
            using var ask = new HttpRequestMessage(HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"http://{target.PoolName}:{route.Port}{question}"))
            {
                Version = route.Protocol is RouteProtocol.H2c ? HttpVersion.Version20 : HttpVersion.Version11,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            };
            ask.Headers.Host = host.Value;
            return await AskAsync(upstream.Invoker, ask, policy, host, ct);
        }
        finally
        {
            target.Release();
        }
    }

    public void Dispose() => _outside.Dispose();

    private async Task<bool> AskAsync(HttpMessageInvoker invoker, HttpRequestMessage ask, string policy, HostName host, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(Within, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            using var answer = await invoker.SendAsync(ask, both.Token);
            if (answer.StatusCode is HttpStatusCode.OK)
            {
                LogAllowed(host, policy);
                return true;
            }

            var said = await SaidAsync(answer, both.Token);
            LogDenied(host, policy, answer.StatusCode, said);
            return false;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            LogUnheard(host, policy, e is OperationCanceledException ? $"no answer within {Within.TotalSeconds:0} s" : e.GetBaseException().Message);
            return false;
        }
    }

    /// <summary>How its answer begins, on one line.</summary>
    private static async Task<string> SaidAsync(HttpResponseMessage answer, CancellationToken ct)
    {
        var bytes = new byte[LoggedBytes];
        await using var body = await answer.Content.ReadAsStreamAsync(ct);
        var length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, ct);
        return string.Concat(Encoding.UTF8.GetString(bytes, 0, length).Select(c => char.IsControl(c) ? ' ' : c));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Host} may have a certificate, says {Policy}")]
    private partial void LogAllowed(HostName host, string policy);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Host} gets no certificate: {Policy} answered {Status:D}: {Said}")]
    private partial void LogDenied(HostName host, string policy, HttpStatusCode status, string said);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Host} gets no certificate: {Policy} was not heard: {Reason}")]
    private partial void LogUnheard(HostName host, string policy, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Host} gets no certificate: {Service} does not run, so it cannot be asked")]
    private partial void LogNobody(HostName host, string service);
}
