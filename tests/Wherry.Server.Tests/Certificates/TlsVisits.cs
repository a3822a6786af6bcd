using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Wherry.Server.Tests.Deployments;

namespace Wherry.Server.Tests.Certificates;

/// <summary>A browser that trusts one root and nothing else.</summary>
internal static class TlsVisits
{
    public static async Task<(HttpStatusCode Status, string Body, string? Location)> GetAsync(LiveWherry wherry, string address, X509Certificate2 root)
    {
        using var http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            ConnectCallback = async (_, ct) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(new Uri(address).Scheme == "https" ? wherry.TlsAddress : IPEndPoint.Parse(wherry.Address.Authority), ct);
                return new NetworkStream(socket, ownsSocket: true);
            },
            SslOptions = new() { CertificateChainPolicy = Trusting(root) },
        });
        using var response = await http.GetAsync(new Uri(address));
        return (response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers.Location?.ToString());
    }

    private static X509ChainPolicy Trusting(X509Certificate2 root)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        policy.CustomTrustStore.Add(root);
        return policy;
    }
}
