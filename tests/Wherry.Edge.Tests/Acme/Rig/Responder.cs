using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Wherry.Edge.Acme.Solving;

namespace Wherry.Edge.Tests.Acme.Rig;

/// <summary>What an edge does with the tables of challenges: a web server that asks one, a TLS listener that asks the other.</summary>
internal sealed class Responder : IAsyncDisposable
{
    private readonly WebApplication _web;
    private readonly TcpListener _tls;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;
    private int _asked;

    private Responder(WebApplication web, TcpListener tls)
    {
        _web = web;
        _tls = tls;
        _serving = ServeTlsAsync();
    }

    /// <summary>A new one is what an edge has after a restart.</summary>
    public HttpChallenges Http { get; set; } = new();

    public TlsAlpnChallenges TlsAlpn { get; } = new(TimeProvider.System);

    /// <summary>Questions over HTTP and TLS.</summary>
    public int Asked => Volatile.Read(ref _asked);

    public static async Task<Responder> StartAsync(Pebble pebble)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, pebble.HttpPort));
        builder.WebHost.UseShutdownTimeout(TimeSpan.FromMilliseconds(200));
        var web = builder.Build();
        var tls = new TcpListener(IPAddress.Loopback, pebble.TlsPort);
        tls.Start();
        var responder = new Responder(web, tls);
        web.Run(responder.AnswerAsync);
        await web.StartAsync();
        return responder;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _tls.Dispose();
        await _serving;
        await _web.DisposeAsync();
        _stop.Dispose();
    }

    private Task AnswerAsync(HttpContext http)
    {
        Interlocked.Increment(ref _asked);
        var path = http.Request.Path.Value!;
        if (path.StartsWith(HttpChallenges.PathPrefix, StringComparison.Ordinal) && Http.Find(http.Request.Host.Host, path[HttpChallenges.PathPrefix.Length..]) is { } answer)
        {
            return http.Response.WriteAsync(answer);
        }

        http.Response.StatusCode = 404;
        return Task.CompletedTask;
    }

    private async Task ServeTlsAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _tls.AcceptTcpClientAsync(_stop.Token);
                await ShakeHandsAsync(client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task ShakeHandsAsync(TcpClient client)
    {
        Interlocked.Increment(ref _asked);
        try
        {
            await using var stream = new SslStream(client.GetStream());
            await stream.AuthenticateAsServerAsync((_, hello, _, _) => ValueTask.FromResult(new SslServerAuthenticationOptions
            {
                ApplicationProtocols = [TlsAlpnChallenges.Protocol],
                ServerCertificate = TlsAlpn.Find(hello.ServerName) ?? throw new IOException("not being validated"),
            }), null, _stop.Token);
        }
        catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
        {
            // A name that is not being validated.
        }
    }
}
