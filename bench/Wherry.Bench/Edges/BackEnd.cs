using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Wherry.Bench.Edges;

/// <summary>An nginx that answers from memory: small answers, files of 1 and 100 MB, and it swallows what is sent.</summary>
internal sealed class BackEnd : IAsyncDisposable
{
    public const string Answer = "hello from the back end\n";

    /// <summary>In memory, so that no disk is measured.</summary>
    private readonly string _files = $"/dev/shm/wherry-bench-{Guid.NewGuid():N}";
    private Role? _process;

    public int Port { get; } = BenchHome.FreePort();

    /// <summary>A file of so many bytes; served under its name.</summary>
    public string FileOf(int megabytes) => Path.Combine(_files, $"{megabytes}mb");

    public async Task StartAsync(string folder, CancellationToken ct)
    {
        Directory.CreateDirectory(folder);
        Directory.CreateDirectory(_files);
        foreach (var megabytes in new[] { 1, 100 })
        {
            await File.WriteAllBytesAsync(FileOf(megabytes), RandomNumberGenerator.GetBytes(megabytes << 20), ct);
        }

        var file = Path.Combine(folder, "nginx.conf");
        await File.WriteAllTextAsync(file, $$"""
            user root;
            daemon off;
            worker_processes 1;
            pid {{folder}}/nginx.pid;
            error_log {{folder}}/error.log;
            events { worker_connections 16384; }
            http {
              access_log off;
              client_body_temp_path {{_files}}/body; proxy_temp_path {{_files}}/p; fastcgi_temp_path {{_files}}/f; uwsgi_temp_path {{_files}}/u; scgi_temp_path {{_files}}/s;
              client_max_body_size 0;
              keepalive_requests 1000000000;
              sendfile on;
              server {
                listen 127.0.0.1:{{Port}} backlog=4096;
                root {{_files}};
                location = /1mb { }
                location = /100mb { }
                location / { return 200 "{{Answer.TrimEnd()}}\n"; }
              }
            }
            """, ct);
        _process = Role.Start("/usr/sbin/nginx", Path.Combine(folder, "log"), new Dictionary<string, string>(), "-c", file);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        Directory.Delete(_files, recursive: true);
    }
}

/// <summary>A certificate for <see cref="Contender.Host"/> and its authority, as files. ECDSA on P-256, as public authorities sign today.</summary>
internal sealed record Certificates(string ChainFile, string KeyFile)
{
    public static async Task<Certificates> MakeAsync(string folder, CancellationToken ct)
    {
        var (from, to) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(60));
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=bench root", rootKey, HashAlgorithmName.SHA256) { CertificateExtensions = { new X509BasicConstraintsExtension(true, false, 0, true) } };
        using var root = request.CreateSelfSigned(from, to);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(Contender.Host);
        using var leaf = new CertificateRequest($"CN={Contender.Host}", key, HashAlgorithmName.SHA256) { CertificateExtensions = { names.Build() } }.Create(root, from, to, RandomNumberGenerator.GetBytes(16));
        var made = new Certificates(Path.Combine(folder, "chain.pem"), Path.Combine(folder, "key.pem"));
        await File.WriteAllTextAsync(made.ChainFile, leaf.ExportCertificatePem() + "\n" + root.ExportCertificatePem() + "\n", ct);
        await File.WriteAllTextAsync(made.KeyFile, key.ExportPkcs8PrivateKeyPem() + "\n", ct);
        return made;
    }
}
