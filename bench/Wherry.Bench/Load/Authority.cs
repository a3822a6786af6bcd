using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Wherry.Docker.Tests.Fixture;
using Wherry.Edge.Tests.Acme.Rig;

namespace Wherry.Bench.Load;

/// <summary>Let's Encrypt's own test server, Debian's package, with a DNS that leads every name to this machine. It validates at once.</summary>
internal sealed class Authority : IAsyncDisposable
{
    private static readonly string[] Contacts = ["ops@bench.example"];

    private readonly List<Role> _programs = [];

    private Authority(int port) => Directory = new($"https://localhost:{port}/dir");

    public Uri Directory { get; }

    /// <summary>Of its own https.</summary>
    public TestCa Ca { get; } = new();

    /// <param name="folder">For its files.</param>
    /// <param name="httpPort">Port that it looks at for HTTP-01.</param>
    /// <param name="tlsPort">Port that it looks at for TLS-ALPN-01.</param>
    public static async Task<Authority> StartAsync(string folder, int httpPort, int tlsPort, CancellationToken ct)
    {
        var (port, dns) = (BenchHome.FreePort(), BenchHome.FreePort());
        var authority = new Authority(port);
        using var certificate = authority.Ca.Issue();
        using var key = certificate.GetECDsaPrivateKey()!;
        var (chainFile, keyFile, configFile) = (Path.Combine(folder, "cert.pem"), Path.Combine(folder, "key.pem"), Path.Combine(folder, "config.json"));
        await File.WriteAllTextAsync(chainFile, certificate.ExportCertificatePem(), ct);
        await File.WriteAllTextAsync(keyFile, key.ExportPkcs8PrivateKeyPem(), ct);
        var config = new Dictionary<string, object>
        {
            ["listenAddress"] = Local(port),
            ["managementListenAddress"] = Local(BenchHome.FreePort()),
            ["certificate"] = chainFile,
            ["privateKey"] = keyFile,
            ["httpPort"] = httpPort,
            ["tlsPort"] = tlsPort,
            ["ocspResponderURL"] = "",
        };
        await File.WriteAllTextAsync(configFile, JsonSerializer.Serialize(new Dictionary<string, object> { ["pebble"] = config }), ct);
        authority.Run(await DebianPackage.ProgramAsync("pebble", "usr/bin/pebble-challtestsrv", ct), folder, "-dns01", Local(dns), "-management", Local(BenchHome.FreePort()), "-defaultIPv4", "127.0.0.1", "-defaultIPv6", "", "-http01", "", "-https01", "", "-tlsalpn01", "");
        authority.Run(await DebianPackage.ProgramAsync("pebble", "usr/bin/pebble", ct), folder, "-config", configFile, "-dnsserver", Local(dns), "-strict");
        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, c, _, _) => authority.Ca.Vouches(c) }, UseProxy = false });
        for (var i = 0; ; i++)
        {
            try
            {
                using var answer = await http.GetAsync(authority.Directory, ct);
                return authority;
            }
            catch (HttpRequestException) when (i < 200)
            {
                await Task.Delay(50, ct);
            }
        }
    }

    /// <summary>The edge's <c>acme.json</c> for it.</summary>
    public async Task IntroduceAsync(string edgeHome, CancellationToken ct)
    {
        var roots = Path.Combine(edgeHome, "authority.pem");
        await File.WriteAllTextAsync(roots, Ca.Pem, ct);
        await File.WriteAllTextAsync(Path.Combine(edgeHome, "acme.json"), JsonSerializer.Serialize(new { directory = Directory, email = Contacts, agreesToTerms = true, trustedRoots = roots }), ct);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var program in _programs)
        {
            await program.DisposeAsync();
        }
    }

    private void Run(string program, string folder, params string[] arguments) =>
        _programs.Add(Role.Start(program, Path.Combine(folder, "log"), new Dictionary<string, string> { ["PEBBLE_VA_NOSLEEP"] = "1", ["PEBBLE_AUTHZREUSE"] = "0" }, arguments));

    private static string Local(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
}
