using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Wherry.Docker.Tests.Fixture;

/// <summary>Puts TLS with a demanded client certificate in front of the real engine's socket.</summary>
internal sealed class TlsForwarder : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly X509Certificate2 _own;
    private readonly X509Certificate2 _authority;
    private readonly Task _serving;

    public TlsForwarder(X509Certificate2 own, X509Certificate2 authority)
    {
        _own = own;
        _authority = authority;
        _listener.Start();
        _serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _serving;
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true)
            {
                connections.Add(ForwardAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException or InvalidOperationException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ForwardAsync(TcpClient client)
    {
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(_authority);
        using (client)
        {
            try
            {
                await using var secure = new SslStream(client.GetStream());
                await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _own, ClientCertificateRequired = true, CertificateChainPolicy = trust }, _stop.Token);
                using var engine = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await engine.ConnectAsync(new UnixDomainSocketEndPoint("/var/run/docker.sock"), _stop.Token);
                await using var plain = new NetworkStream(engine);
                var up = UpAsync(secure, plain, engine);
                await plain.CopyToAsync(secure, _stop.Token);
                client.Close();
                await up;
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or SocketException or ObjectDisposedException or System.Security.Authentication.AuthenticationException)
            {
                // Either side hung up, or the client has no certificate.
            }
        }
    }

    private async Task UpAsync(SslStream secure, NetworkStream plain, Socket engine)
    {
        await secure.CopyToAsync(plain, _stop.Token);
        engine.Shutdown(SocketShutdown.Send);
    }
}
