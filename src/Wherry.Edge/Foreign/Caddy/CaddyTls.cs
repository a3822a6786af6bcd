using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Wherry.Core.Model;
using Wherry.Core.Routing;
using Wherry.Edge.Certificates;
using Wherry.Edge.Switching;
using static Wherry.Edge.Foreign.Caddy.CaddyJson;

namespace Wherry.Edge.Foreign.Caddy;

/// <summary>Where Caddy takes certificates from: what was uploaded is given to it, its own authority signs for names that are nobody's, and all others it obtains by itself.</summary>
internal sealed class CaddyTls(CertificateFolder uploaded)
{
    public static JsonArray Policies(IReadOnlyList<SavedService> services)
    {
        var names = Hosts(services).Where(h => h.Source is TlsSource.Internal || (h.Source is TlsSource.Automatic && PrivateNames.Contains(h.Host))).Select(h => h.Host).Distinct().Order(StringComparer.Ordinal).ToList();
        return names.Count == 0 ? [] : Array(CaddyConfig.Marked(CaddyConfig.Mark + "internal", new() { ["subjects"] = Array(names), ["issuers"] = Array(new JsonObject { ["module"] = "internal" }) }));
    }

    public JsonArray Certificates(IReadOnlyList<SavedService> services)
    {
        var used = Hosts(services).Where(h => h.Source is not TlsSource.Internal).Select(h => uploaded.Find(h.Host)).OfType<ServedCertificate>().DistinctBy(c => c.Name).OrderBy(c => c.Name, StringComparer.Ordinal);
        return [.. used.Select(c => Loaded(c, uploaded.Pem(c.Name))).OfType<JsonNode>()];
    }

    private static JsonObject? Loaded(ServedCertificate certificate, string? pem) => pem is null ? null : CaddyConfig.Marked(
        $"{CaddyConfig.Mark}certificate_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(certificate.Name)))[..12]}",
        new() { ["certificate"] = Blocks(pem, isKey: false), ["key"] = Blocks(pem, isKey: true) });

    /// <summary>The blocks of a PEM file that are a key, or those that are not.</summary>
    private static string Blocks(string pem, bool isKey)
    {
        var text = new StringBuilder();
        for (var rest = pem.AsSpan(); PemEncoding.TryFind(rest, out var found); rest = rest[found.Location.End..])
        {
            if (rest[found.Label].EndsWith("KEY", StringComparison.Ordinal) == isKey)
            {
                text.Append(rest[found.Location]).Append('\n');
            }
        }

        return text.ToString();
    }

    private static IEnumerable<(string Host, TlsSource Source)> Hosts(IReadOnlyList<SavedService> services) =>
        from saved in services
        let source = saved.Service.Tls?.Source
        where source is not null
        from host in saved.Service.Routes.Select(r => r.Host).OfType<HostName>()
        select (host.Value, source.Value);
}
