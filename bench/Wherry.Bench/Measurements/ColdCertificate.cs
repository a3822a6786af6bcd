using System.Diagnostics;
using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Wherry.Bench.Load;

namespace Wherry.Bench.Measurements;

/// <summary>From the end of a deployment that brings a new domain until a visitor gets an answer over TLS, with a certificate that an authority has just signed.</summary>
internal static class ColdCertificate
{
    public static async Task<IReadOnlyList<Row>> MeasureAsync(BenchHome bench, BenchOptions options, CancellationToken ct)
    {
        var edgeHome = Path.Combine(bench.Home, "edge");
        await using var authority = await Authority.StartAsync(bench.Folder("authority"), bench.EdgeAddress.Port, bench.EdgeTlsAddress.Port, ct);
        await authority.IntroduceAsync(edgeHome, ct);
        await bench.RestartEdgeAsync(overTls: true, ct);
        var project = await bench.ProjectAsync(ct);
        List<TimeSpan> took = [];
        for (var run = 0; run <= options.Runs; run++)
        {
            var host = string.Create(CultureInfo.InvariantCulture, $"{project}-{run}.bench.example");
            await bench.ComposeAsync(project, Compose(host), ct);
            var began = Stopwatch.GetTimestamp();
            while (!await IsServedAsync(bench, host, ct))
            {
                await Task.Delay(10, ct);
            }

            if (run > 0) // the first one registers the account
            {
                took.Add(Stopwatch.GetElapsedTime(began));
            }
        }

        await bench.RemoveAsync(project);
        File.Delete(Path.Combine(edgeHome, "acme.json"));
        await bench.RestartEdgeAsync(overTls: false, ct);
        return [Row.Within("A new domain, from the end of its deployment until it is served over TLS with a certificate of an authority (pebble)", took, TimeSpan.FromSeconds(3))];
    }

    private static async Task<bool> IsServedAsync(BenchHome bench, string host, CancellationToken ct)
    {
        try
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(bench.EdgeTlsAddress, ct);
            await using var tls = new SslStream(new NetworkStream(socket));
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = host, RemoteCertificateValidationCallback = (_, c, _, _) => c is X509Certificate2 leaf && leaf.MatchesHostname(host) && leaf.Issuer.Contains("Pebble", StringComparison.Ordinal) }, ct);
            await tls.WriteAsync(Encoding.ASCII.GetBytes($"GET /up HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"), ct);
            using var answer = new StreamReader(tls, Encoding.ASCII);
            return await answer.ReadLineAsync(ct) == "HTTP/1.1 200 OK";
        }
        catch (Exception e) when (e is AuthenticationException or IOException or SocketException)
        {
            return false;
        }
    }

    private static string Compose(string host) => $$"""
        services:
          web:
            image: {{BenchHome.Image(1)}}
            x-wherry:
              routes: [{ host: {{host}}, port: 3000 }]
              tls: true
              health: { path: /up, interval: 200ms }

        """;
}
