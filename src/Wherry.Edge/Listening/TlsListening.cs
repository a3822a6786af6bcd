using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Wherry.Edge.Acme.Solving;
using Wherry.Edge.Certificates;
using Wherry.Edge.Switching;

namespace Wherry.Edge.Listening;

/// <summary>TLS on the public addresses: the name in the client's hello picks the certificate. Who names no host of ours is refused in the handshake and never gets somebody else's certificate.</summary>
/// <param name="defaultHost">Host for a client that names none; <see langword="null"/>: it is refused.</param>
/// <param name="challenges">Names that an authority validates in the handshake.</param>
internal sealed class TlsListening(TrafficSwitch traffic, CertificateSource certificates, OnDemandCertificates onDemand, TlsAlpnChallenges challenges, string? defaultHost, TimeProvider time)
{
    private static readonly TimeSpan HandshakeWithin = TimeSpan.FromSeconds(10);

    /// <summary>A TLS record with the fatal alert 112 (RFC 6066, 3).</summary>
    private static readonly byte[] UnrecognizedName = [21, 3, 3, 0, 2, 2, 112];

    public void AddTo(ListenOptions listen)
    {
        listen.Protocols = HttpProtocols.Http1AndHttp2;
        new AcmeHello(challenges, time).AddTo(listen);
        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            HandshakeTimeout = HandshakeWithin,
            OnConnection = async context =>
            {
                if (context.Connection.Features.Get<AcmeHello.AcmeConnection>() is not null && challenges.Find(context.ClientHelloInfo.ServerName) is { } proof)
                {
                    return new SslServerAuthenticationOptions { ServerCertificate = proof, ApplicationProtocols = [TlsAlpnChallenges.Protocol] };
                }

                if (await FindAsync(context.ClientHelloInfo.ServerName, context.CancellationToken) is not { } certificate)
                {
                    // The handshake has not begun, so the client gets the alert in plain.
                    await context.Connection.Transport.Output.WriteAsync(UnrecognizedName, context.CancellationToken);
                    throw new AuthenticationException("No certificate serves the name that the client asked for.");
                }

                context.Connection.Features.Set(certificate);
                return certificate.Handshake;
            },
        });
    }

    /// <summary>The same for HTTP/3, on UDP.</summary>
    public void AddToQuic(ListenOptions listen)
    {
        listen.Protocols = HttpProtocols.Http3;
        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            HandshakeTimeout = HandshakeWithin,
            OnConnection = async context =>
            {
                var certificate = await FindAsync(context.ClientHelloInfo.ServerName, context.CancellationToken) ?? throw new AuthenticationException("No certificate serves the name that the client asked for.");
                context.Connection.Features.Set(certificate);
                return certificate.HandshakeOverQuic;
            },
        });
    }

    private async ValueTask<ServedCertificate?> FindAsync(string name, CancellationToken ct)
    {
        var asked = name.TrimEnd('.').ToLowerInvariant();
        return Find(asked) ?? (asked.Length > 0 ? await onDemand.FindAsync(asked, ct) : null);
    }

    private ServedCertificate? Find(string asked)
    {
        var name = asked.Length > 0 ? asked : defaultHost;
        return name is not null && traffic.Snapshot.FindTls(name) is var (settings, host) ? certificates.Find(settings, host, name) : null;
    }
}
