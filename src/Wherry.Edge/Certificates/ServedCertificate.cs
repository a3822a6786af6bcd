using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Wherry.Core.Model;

namespace Wherry.Edge.Certificates;

/// <summary>A certificate with its key, ready for handshakes. The same object serves them all, so that sessions can be resumed.</summary>
internal sealed class ServedCertificate
{
    /// <param name="name">Name it was uploaded under; the host of one that the edge's own authority made.</param>
    /// <param name="leaf">With its private key.</param>
    /// <param name="intermediates">In order; without the root.</param>
    public ServedCertificate(string name, X509Certificate2 leaf, X509Certificate2Collection intermediates)
    {
        Name = name;
        Leaf = leaf;
        Hosts = [.. CertificateHosts.Of(leaf)];
        Handshake = new()
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(leaf, intermediates, offline: true),
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            AllowRenegotiation = false,
        };
    }

    public string Name { get; }

    public X509Certificate2 Leaf { get; }

    /// <summary>What it covers, in lower case; <c>*.example.com</c> covers one level.</summary>
    public IReadOnlyList<string> Hosts { get; }

    public SslServerAuthenticationOptions Handshake { get; }

    /// <summary>For HTTP/3.</summary>
    public SslServerAuthenticationOptions HandshakeOverQuic => field ??= new()
    {
        ServerCertificateContext = Handshake.ServerCertificateContext,
        ApplicationProtocols = [SslApplicationProtocol.Http3],
        EnabledSslProtocols = SslProtocols.Tls13,
    };

    public DateTimeOffset NotBefore => Leaf.NotBefore;

    public DateTimeOffset NotAfter => Leaf.NotAfter;

    public bool Covers(string host) => Hosts.Any(h => HostName.Covers(h, host));
}
