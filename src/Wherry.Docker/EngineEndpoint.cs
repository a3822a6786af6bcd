using Wherry.Core.Problems;

namespace Wherry.Docker;

/// <summary>Where a Docker Engine answers: a unix socket, or TCP with or without TLS.</summary>
/// <param name="Address"><c>unix:///path</c> or <c>tcp://host:port</c>.</param>
/// <param name="Tls">Client certificate and authority for TCP; <see langword="null"/> is cleartext. Ignored on a unix socket.</param>
public sealed record EngineEndpoint(Uri Address, TlsFiles? Tls = null)
{
    private const int CleartextPort = 2375;
    private const int TlsPort = 2376;

    /// <summary>The engine of this machine: <c>unix:///var/run/docker.sock</c>.</summary>
    public static EngineEndpoint Local { get; } = new(new Uri("unix:///var/run/docker.sock"));

    /// <summary>The engine answers on a socket of this machine.</summary>
    public bool IsLocal => IsUnix;

    internal bool IsUnix => Address.Scheme == "unix";

    internal int Port => Address.Port > 0 ? Address.Port : Tls is null ? CleartextPort : TlsPort;

    /// <summary>Reads an address as <c>DOCKER_HOST</c> has it: <c>unix:///path</c> or <c>tcp://host[:port]</c>. The port defaults to 2375, with TLS to 2376.</summary>
    /// <exception cref="ProblemException"><c>docker/endpoint</c>.</exception>
    public static EngineEndpoint Parse(string text, TlsFiles? tls = null)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Query.Length > 0 || uri.UserInfo.Length > 0)
        {
            throw Wrong(text);
        }

        return uri.Scheme switch
        {
            "unix" when uri.Host.Length == 0 && uri.AbsolutePath.Length > 1 => new(uri),
            "tcp" when uri.Host.Length > 0 && uri.AbsolutePath is "" or "/" => new(uri, tls),
            _ => throw Wrong(text),
        };
    }

    /// <summary>The address as it is written in <c>DOCKER_HOST</c>.</summary>
    public override string ToString() => IsUnix ? $"unix://{Uri.UnescapeDataString(Address.AbsolutePath)}" : $"tcp://{Address.Host}:{Port}";

    private static ProblemException Wrong(string text) => new Problem(
        "docker/endpoint",
        $"'{text}' is not the address of a Docker Engine.",
        "Write it as unix:///var/run/docker.sock or tcp://host:2376.").AsException();
}

/// <summary>PEM files of a TLS connection to an engine.</summary>
/// <param name="Authority">Certificates that the engine's certificate must descend from.</param>
/// <param name="Certificate">The client's certificate.</param>
/// <param name="Key">The client's private key, unencrypted.</param>
public sealed record TlsFiles(string Authority, string Certificate, string Key)
{
    /// <summary><c>ca.pem</c>, <c>cert.pem</c> and <c>key.pem</c> in one folder, as in <c>DOCKER_CERT_PATH</c>.</summary>
    public static TlsFiles In(string folder) =>
        new(Path.Combine(folder, "ca.pem"), Path.Combine(folder, "cert.pem"), Path.Combine(folder, "key.pem"));
}
