namespace Wherry.Bench.Edges;

/// <summary>Debian's Caddy.</summary>
internal sealed class Caddy(string folder) : Contender("Caddy", folder)
{
    protected override async Task<(string, IReadOnlyDictionary<string, string>, string[])> PrepareAsync(BackEnd backEnd, Certificates certificate, CancellationToken ct)
    {
        var file = Path.Combine(Folder, "caddy.json");
        var routes = $$"""[{"match": [{"host": ["{{Host}}"]}], "handle": [{"handler": "reverse_proxy", "upstreams": [{"dial": "127.0.0.1:{{backEnd.Port}}"}]}]}]""";
        await File.WriteAllTextAsync(file, $$"""
            {
              "admin": {"disabled": true},
              "logging": {"logs": {"default": {"level": "ERROR"} } },
              "apps": {
                "http": {"servers": {
                  "plain": {"listen": ["127.0.0.1:{{Port}}"], "automatic_https": {"disable": true}, "protocols": ["h1"], "routes": {{routes}} },
                  "tls": {"listen": ["127.0.0.1:{{TlsPort}}"], "automatic_https": {"disable": true}, "protocols": ["h1", "h2"], "tls_connection_policies": [{}], "routes": {{routes}} }
                } },
                "tls": {"certificates": {"load_files": [{"certificate": "{{certificate.ChainFile}}", "key": "{{certificate.KeyFile}}"}] } }
              }
            }
            """, ct);
        return ("/usr/bin/caddy", new Dictionary<string, string> { ["HOME"] = Folder }, ["run", "--config", file]);
    }
}

/// <summary>Debian's nginx.</summary>
internal sealed class Nginx(string folder) : Contender("nginx", folder)
{
    protected override async Task<(string, IReadOnlyDictionary<string, string>, string[])> PrepareAsync(BackEnd backEnd, Certificates certificate, CancellationToken ct)
    {
        var file = Path.Combine(Folder, "nginx.conf");
        await File.WriteAllTextAsync(file, $$"""
            user root;
            daemon off;
            worker_processes auto;
            pid {{Folder}}/nginx.pid;
            error_log {{Folder}}/error.log;
            events { worker_connections 16384; }
            http {
              access_log off;
              client_body_temp_path {{Folder}}/body; proxy_temp_path {{Folder}}/proxy; fastcgi_temp_path {{Folder}}/f; uwsgi_temp_path {{Folder}}/u; scgi_temp_path {{Folder}}/s;
              client_max_body_size 0;
              keepalive_requests 1000000000;
              upstream back { server 127.0.0.1:{{backEnd.Port}}; keepalive 64; keepalive_requests 1000000000; }
              server {
                listen 127.0.0.1:{{Port}} backlog=4096;
                listen 127.0.0.1:{{TlsPort}} ssl http2 backlog=4096;
                server_name {{Host}};
                ssl_certificate {{certificate.ChainFile}};
                ssl_certificate_key {{certificate.KeyFile}};
                ssl_protocols TLSv1.2 TLSv1.3;
                location / { proxy_pass http://back; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host; }
              }
            }
            """, ct);
        return ("/usr/sbin/nginx", new Dictionary<string, string>(), ["-c", file]);
    }
}

/// <summary>Debian's HAProxy.</summary>
internal sealed class HaProxy(string folder) : Contender("HAProxy", folder)
{
    protected override async Task<(string, IReadOnlyDictionary<string, string>, string[])> PrepareAsync(BackEnd backEnd, Certificates certificate, CancellationToken ct)
    {
        var (file, both) = (Path.Combine(Folder, "haproxy.cfg"), Path.Combine(Folder, "both.pem"));
        await File.WriteAllTextAsync(both, await File.ReadAllTextAsync(certificate.ChainFile, ct) + await File.ReadAllTextAsync(certificate.KeyFile, ct), ct);
        await File.WriteAllTextAsync(file, $"""
            global
              maxconn 8000
              ssl-default-bind-options ssl-min-ver TLSv1.2
            defaults
              mode http
              timeout connect 5s
              timeout client 60s
              timeout server 60s
            frontend front
              bind 127.0.0.1:{Port} backlog 4096
              bind 127.0.0.1:{TlsPort} ssl crt {both} alpn h2,http/1.1 backlog 4096
              default_backend back
            backend back
              http-reuse always
              server one 127.0.0.1:{backEnd.Port}

            """, ct);
        return ("/usr/sbin/haproxy", new Dictionary<string, string>(), ["-db", "-f", file]);
    }
}
