using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Wherry.Docker.Tests.Fixture;
using Wherry.Edge.Acme.Solving;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Acme.Rig;

/// <summary>BIND 9, Debian's package: the zone <c>shop.test</c>, which the key <c>wherry</c> may change.</summary>
internal sealed class Named : IAsyncDisposable
{
    /// <summary>What it needs beside the C library; of those that are installed nothing is fetched.</summary>
    private static readonly string[] Libraries =
    [
        "bind9-libs", "libfstrm0", "libgssapi-krb5-2", "libicu72", "libjemalloc2", "libjson-c5", "libk5crypto3", "libkeyutils1", "libkrb5-3", "libkrb5support0", "liblmdb0", "libmaxminddb0", "libnghttp2-14",
        "libprotobuf-c1", "libuv1", "libxml2",
    ];

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

        // It answers before its zones are loaded, and refuses changes until then.
        await named._process.UntilAsync(() => Task.FromResult(named.Output.Contains("all zones loaded", StringComparison.Ordinal)));
        return named;
    }

    /// <summary>How often it was asked to add a TXT value to a name, by its log.</summary>
    public int Added(string name) => Output.Split($"adding an RR at '{name}' TXT").Length - 1;

    /// <summary>Whether it tells a value when asked for a name.</summary>
    public async Task<bool> HasAsync(string name, string? value = null)
    {
        using var socket = new UdpClient();
        socket.Connect(IPAddress.Loopback, Port);
        byte[] question = [0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. name.Split('.').SelectMany(l => (byte[])[(byte)l.Length, .. Encoding.ASCII.GetBytes(l)]), 0, 0, 16, 0, 1];
        await socket.SendAsync(question);
        var answer = (await socket.ReceiveAsync()).Buffer;
        return answer[7] > 0 && (value is null || Encoding.ASCII.GetString(answer).Contains(value, StringComparison.Ordinal));
    }

    public DnsUpdateOptions Options => new("127.0.0.1", Key) { Port = Port };

    public async ValueTask DisposeAsync()
    {
        await _process!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
