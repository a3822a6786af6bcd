using System.Net;
using System.Net.Http.Json;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Wherry.Core.Routing;

namespace Wherry.Edge.Tests.Rig;

/// <summary>Visitors who come over TLS, and look at whose certificate they get.</summary>
public static class TlsVisitor
{
    /// <summary>Takes every certificate, to look at it.</summary>
#pragma warning disable CA5359 // a test looks at whose certificate it got
    public static RemoteCertificateValidationCallback Anybody { get; } = (_, _, _, _) => true;
#pragma warning restore CA5359

    /// <summary>A browser that trusts one root and nothing else.</summary>
    public static HttpClient Client(TestEdge edge, X509Certificate2 root, Version? version = null) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        ConnectCallback = async (_, ct) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(edge.TlsAddress, ct);
            return new NetworkStream(socket, ownsSocket: true);
        },
        SslOptions = new() { CertificateChainPolicy = Trusting(root) },
    })
    {
        BaseAddress = new Uri($"https://{A.Host}"),
        Timeout = TimeSpan.FromSeconds(20),
        DefaultRequestVersion = version ?? HttpVersion.Version11,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    /// <summary>The certificate that a client gets who asks for this name; empty: who names none.</summary>
    /// <exception cref="AuthenticationException">The edge refused, or its certificate is not for that name.</exception>
    public static async Task<X509Certificate2> CertificateAsync(TestEdge edge, string name, X509Certificate2? root = null)
    {
        await using var tls = await ConnectAsync(edge, name, root);
        return new X509Certificate2(tls.RemoteCertificate!);
    }

    /// <summary>The first line of the answer to who asks on a connection for one name for another host.</summary>
    public static async Task<string> FirstLineAsync(TestEdge edge, string name, string host)
    {
        await using var tls = await ConnectAsync(edge, name, null);
        await tls.WriteAsync(Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(tls);
        return (await reader.ReadLineAsync(TestContext.Current.CancellationToken))!;
    }

    /// <summary>The edge ends the handshake, and says that the name is why.</summary>
    public static async Task RefusedAsync(TestEdge edge, string name)
    {
        var e = await Assert.ThrowsAnyAsync<Exception>(() => CertificateAsync(edge, name));
        Assert.Contains("unrecognized name", e.ToString(), StringComparison.Ordinal);
    }

    public static async Task<CertificateState> UploadAsync(this EdgeControl control, string name, UploadCertificate upload)
    {
        using var response = await control.Http.PutAsJsonAsync($"/certificates/{name}", upload, EdgeJson.Default.UploadCertificate);
        return response.IsSuccessStatusCode
            ? (await response.Content.ReadFromJsonAsync(EdgeJson.Default.CertificateState))!
            : throw (await response.Content.ReadFromJsonAsync(EdgeJson.Default.EdgeProblem))!.AsException();
    }

    public static async Task<IReadOnlyList<CertificateState>> CertificatesAsync(this EdgeControl control) =>
        (await control.Http.GetFromJsonAsync("/certificates", EdgeJson.Default.IReadOnlyListCertificateState))!;

    /// <summary>The root of the edge's own authority.</summary>
    public static async Task<X509Certificate2> RootAsync(this EdgeControl control) => X509Certificate2.CreateFromPem(await control.Http.GetStringAsync(new Uri("/authority", UriKind.Relative)));

    private static async Task<SslStream> ConnectAsync(TestEdge edge, string name, X509Certificate2? root)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(edge.TlsAddress, TestContext.Current.CancellationToken);
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = name,
                CertificateChainPolicy = root is null ? null : Trusting(root),
                RemoteCertificateValidationCallback = root is null ? Anybody : null,
            });
            return tls;
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    private static X509ChainPolicy Trusting(X509Certificate2 root)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        policy.CustomTrustStore.Add(root);
        return policy;
    }
}
