using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Wherry.Core.Problems;

namespace Wherry.Docker.Connection;

/// <summary>Opens byte streams to an engine: unix socket, TCP, or TLS on TCP.</summary>
internal sealed class Dialer(EngineEndpoint endpoint) : IDisposable
{
    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(5);
    private readonly Lazy<SslClientAuthenticationOptions> _tls = new(() => ReadTls(endpoint.Address.Host, endpoint.Tls!));

    /// <exception cref="ProblemException"><c>docker/tls-files</c>.</exception>
    /// <exception cref="IOException">No connection within 5 s.</exception>
    public async ValueTask<Stream> DialAsync(CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(ConnectWithin);
        try
        {
            return await OpenAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new IOException($"no connection within {ConnectWithin.TotalSeconds:0} s");
        }
    }

    public void Dispose()
    {
        if (_tls.IsValueCreated)
        {
            foreach (var certificate in _tls.Value.ClientCertificates!)
            {
                certificate.Dispose();
            }
        }
    }

    private async Task<Stream> OpenAsync(CancellationToken ct)
    {
        var socket = endpoint.IsUnix
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (endpoint.IsUnix)
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Uri.UnescapeDataString(endpoint.Address.AbsolutePath)), ct);
                return new NetworkStream(socket, ownsSocket: true);
            }

            await socket.ConnectAsync(endpoint.Address.DnsSafeHost, endpoint.Port, ct);
            var stream = new NetworkStream(socket, ownsSocket: true);
            return endpoint.Tls is null ? stream : await SecureAsync(stream, ct);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<Stream> SecureAsync(Stream plain, CancellationToken ct)
    {
        var secure = new SslStream(plain);
        try
        {
            await secure.AuthenticateAsClientAsync(_tls.Value, ct);
            return secure;
        }
        catch
        {
            await secure.DisposeAsync();
            throw;
        }
    }

    private static SslClientAuthenticationOptions ReadTls(string host, TlsFiles files)
    {
        try
        {
            var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            trust.CustomTrustStore.ImportFromPemFile(files.Authority);
            var own = X509Certificate2.CreateFromPemFile(files.Certificate, files.Key);
            return new() { TargetHost = host, CertificateChainPolicy = trust, ClientCertificates = [own] };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new Problem(
                "docker/tls-files",
                $"The TLS files for the Docker Engine cannot be read: {e.Message}",
                $"Give PEM files: authority {files.Authority}, certificate {files.Certificate}, unencrypted key {files.Key}.").AsException(e);
        }
    }
}
