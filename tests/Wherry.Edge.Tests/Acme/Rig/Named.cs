using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Wherry.Docker.Tests.Fixture;
using Wherry.Edge.Acme.Solving;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Acme.Rig;

/// <summary>BIND 9, Debian's package: the zone <c>shop.test</c>, which the key <c>wherry</c> may change.</summary>
internal sealed class Named : IAsyncDisposable
{
    private static readonly string[] Libraries = ["bind9-libs", "libjemalloc2", "liblmdb0", "libmaxminddb0", "libfstrm0", "libprotobuf-c1", "libuv1"];

    private readonly string _folder = Directory.CreateTempSubdirectory("wherry-named-").FullName;
    private ChildProcess? _process;

    public int Port { get; } = Backend.FreePort();

    public TsigKey Key { get; } = new("wherry", RandomNumberGenerator.GetBytes(32));

    public string Output => _process!.Output;

    public static async Task<Named> StartAsync()
    {
        var named = new Named();
        await File.WriteAllTextAsync(Path.Combine(named._folder, "named.conf"), $$"""
            options { directory "{{named._folder}}"; listen-on port {{named.Port}} { 127.0.0.1; }; listen-on-v6 { none; }; pid-file none; session-keyfile none; recursion no; dnssec-validation no; };
            controls { };
            key "wherry" { algorithm hmac-sha256; secret "{{Convert.ToBase64String(named.Key.Secret)}}"; };
            zone "shop.test" { type primary; file "zone"; update-policy { grant wherry zonesub TXT; }; };
            """);
        await File.WriteAllTextAsync(Path.Combine(named._folder, "zone"), """
            $TTL 60
            @ IN SOA ns.shop.test. ops.shop.test. 1 60 60 60 60
            @ IN NS ns.shop.test.
            @ IN A 127.0.0.1
            ns IN A 127.0.0.1

            """);
        var program = await DebianPackage.ProgramAsync("bind9", "usr/sbin/named", CancellationToken.None);
        var folders = new List<string>();
        foreach (var package in Libraries)
        {
            var notes = $"usr/share/doc/{package}/copyright";
            var root = (await DebianPackage.ProgramAsync(package, notes, CancellationToken.None))[..^notes.Length];
            folders.AddRange(Directory.GetDirectories(Path.Combine(root, "usr/lib"), "*-linux-gnu"));
        }

        named._process = new(program, ["-g", "-c", "named.conf"], named._folder, new Dictionary<string, string> { ["LD_LIBRARY_PATH"] = string.Join(':', folders) });
        await named._process.UntilAsync(async () =>
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, named.Port);
            return true;
        });
        return named;
    }

    /// <summary>How often a TXT value was added to a name, or taken away, by its log.</summary>
    public int Changes(string verb, string name) => Output.Split($"updating zone 'shop.test/IN': {verb} at '{name}' TXT").Length - 1;

    public DnsUpdateOptions Options => new("127.0.0.1", Key) { Port = Port };

    public async ValueTask DisposeAsync()
    {
        await _process!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
