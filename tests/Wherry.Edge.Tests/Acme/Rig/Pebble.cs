using System.Globalization;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Wherry.Docker.Tests.Fixture;
using Wherry.Edge.Acme;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Acme.Rig;

/// <summary>How an authority under test behaves.</summary>
internal sealed record PebbleOptions
{
    public int RejectedNonces { get; init; }

    /// <summary>Seconds that a validation takes.</summary>
    public int ValidationSeconds { get; init; }

    /// <summary>Life of its certificates, in seconds. Default: pebble's.</summary>
    public int? ValidSeconds { get; init; }

    public (string KeyId, string MacKey)? ExternalAccount { get; init; }

    public IReadOnlyList<string> Blocked { get; init; } = [];

    /// <summary>Port of the DNS server that it asks. Default: one that leads every name to 127.0.0.1.</summary>
    public int? DnsPort { get; init; }
}

/// <summary>Let's Encrypt's own test server, Debian's package, with a DNS of its own.</summary>
internal sealed class Pebble : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("wherry-pebble-").FullName;
    private readonly PebbleOptions _options;
    private readonly int _port = Backend.FreePort();
    private readonly int _management = Backend.FreePort();
    private readonly int _dns = Backend.FreePort();
    private readonly int _dnsManagement = Backend.FreePort();
    private readonly HttpClient _http;
    private ChildProcess? _pebble;
    private ChildProcess? _names;

    private Pebble(PebbleOptions options)
    {
        _options = options;
        _http = new(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => Ca.Vouches(certificate) }, UseProxy = false });
    }

    public TestCa Ca { get; } = new();

    public int HttpPort { get; } = Backend.FreePort();

    public int TlsPort { get; } = Backend.FreePort();

    public Uri DirectoryUrl => new($"https://localhost:{_port}/dir");

    /// <summary>Orders that it has been given since its start.</summary>
    public int Orders => Output.Split("Added order ").Length - 1;

    public int Accounts => Output.Split("accounts in memory").Length - 1;

    public string Output => _pebble!.Output;

    public static async Task<Pebble> StartAsync(PebbleOptions? options = null)
    {
        var pebble = new Pebble(options ?? new());
        try
        {
            await pebble.StartNamesAsync();
            await pebble.StartAsync();
            return pebble;
        }
        catch
        {
            await pebble.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it again after <see cref="StopAsync"/>: with the same addresses, without any memory.</summary>
    public async Task StartAsync()
    {
        using var certificate = Ca.Issue();
        await File.WriteAllTextAsync(Path.Combine(_folder, "cert.pem"), certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(_folder, "key.pem"), PrivateKeyOf(certificate));
        var config = new Dictionary<string, object>
        {
            ["listenAddress"] = $"127.0.0.1:{_port}",
            ["managementListenAddress"] = $"127.0.0.1:{_management}",
            ["certificate"] = Path.Combine(_folder, "cert.pem"),
            ["privateKey"] = Path.Combine(_folder, "key.pem"),
            ["httpPort"] = HttpPort,
            ["tlsPort"] = TlsPort,
            ["ocspResponderURL"] = "",
            ["domainBlocklist"] = _options.Blocked,
            ["externalAccountBindingRequired"] = _options.ExternalAccount is not null,
        };
        if (_options.ExternalAccount is { } external)
        {
            config["externalAccountMACKeys"] = new Dictionary<string, string> { [external.KeyId] = external.MacKey };
        }

        if (_options.ValidSeconds is { } seconds)
        {
            config["certificateValidityPeriod"] = seconds;
        }

        var file = Path.Combine(_folder, "config.json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new Dictionary<string, object> { ["pebble"] = config }));
        var program = await DebianPackage.ProgramAsync("pebble", "usr/bin/pebble", CancellationToken.None);
        _pebble = new(program, ["-config", file, "-dnsserver", $"127.0.0.1:{_options.DnsPort ?? _dns}", "-strict"], _folder, Behaviour());
        await _pebble.UntilAsync(async () => (await _http.GetAsync(DirectoryUrl)).IsSuccessStatusCode);
    }

    /// <summary>Waits for a line of its log.</summary>
    public async Task SaysAsync(string text)
    {
        for (var i = 0; !Output.Contains(text, StringComparison.Ordinal); i++)
        {
            Assert.True(i < 3000, $"Pebble does not say \"{text}\":\n{Output}");
            await Task.Delay(10);
        }
    }

    public ValueTask StopAsync() => _pebble!.DisposeAsync();

    /// <summary>Leads a name to another address.</summary>
    public async Task PointAsync(string name, string address)
    {
        using var answer = await _http.PostAsJsonAsync($"http://127.0.0.1:{_dnsManagement}/add-a", new { host = name, addresses = new[] { address } });
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>The root of the certificates that it signs.</summary>
    public Task<string> RootAsync() => _http.GetStringAsync($"https://localhost:{_management}/roots/0");

    /// <summary>Status of a certificate, as the authority knows it.</summary>
    public Task<string> StatusAsync(string serial) => _http.GetStringAsync($"https://localhost:{_management}/cert-status-by-serial/{serial.ToLowerInvariant()}");

    public AcmeOptions Options(string home) => new()
    {
        Home = home,
        Directory = DirectoryUrl,
        TrustedRoots = Ca.Pem,
        AgreesToTerms = true,
        Contacts = ["ops@shop.example"],
        AnswerWithin = TimeSpan.FromSeconds(10),
        RetryFirst = TimeSpan.FromMilliseconds(200),
        RetryMost = TimeSpan.FromSeconds(5),
    };

    public async ValueTask DisposeAsync()
    {
        foreach (var process in new[] { _pebble, _names }.OfType<ChildProcess>())
        {
            await process.DisposeAsync();
        }

        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartNamesAsync()
    {
        var program = await DebianPackage.ProgramAsync("pebble", "usr/bin/pebble-challtestsrv", CancellationToken.None);
        string[] arguments = ["-dns01", $"127.0.0.1:{_dns}", "-management", $"127.0.0.1:{_dnsManagement}", "-defaultIPv4", "127.0.0.1", "-defaultIPv6", "", "-http01", "", "-https01", "", "-tlsalpn01", ""];
        _names = new(program, arguments, _folder, new Dictionary<string, string>());
        await _names.UntilAsync(async () => (await _http.PostAsJsonAsync($"http://127.0.0.1:{_dnsManagement}/dns-request-history", new { host = "x" })).IsSuccessStatusCode);
    }

    private static string PrivateKeyOf(X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey()!;
        return key.ExportPkcs8PrivateKeyPem();
    }

    private Dictionary<string, string> Behaviour()
    {
        var environment = new Dictionary<string, string>
        {
            ["PEBBLE_WFE_NONCEREJECT"] = _options.RejectedNonces.ToString(CultureInfo.InvariantCulture),
            ["PEBBLE_AUTHZREUSE"] = "0",
            ["PEBBLE_CHAIN_LENGTH"] = "1",
        };
        if (_options.ValidationSeconds == 0)
        {
            environment["PEBBLE_VA_NOSLEEP"] = "1";
        }
        else
        {
            environment["PEBBLE_VA_SLEEPTIME"] = _options.ValidationSeconds.ToString(CultureInfo.InvariantCulture);
        }

        return environment;
    }
}
