using Wherry.Client;
using Wherry.Core.Model;
using Wherry.Core.Routing;
using Wherry.Server.Deployments;
using Wherry.Server.Environments;
using Wherry.Server.Store;

namespace Wherry.Server.Certificates;

/// <summary>Every host that the edge serves, with the certificate it is served with and what is wrong with that.</summary>
internal sealed class DomainView(EdgeClient edge, EnvironmentStore environments)
{
    /// <summary>Hosts of a team's services, by name.</summary>
    public async Task<IReadOnlyList<Domain>> OfTeamAsync(TeamId team, CancellationToken ct)
    {
        var own = (await environments.ListAsync(team, ct)).Select(e => e.Ref(team)).ToList();
        var listens = await edge.FindHealthAsync(ct) is { ListenTls.Count: > 0 };
        var (services, certificates) = await LookAsync(ct);
        var secure = Secure(services);
        return
        [
            .. from service in services
               let environment = own.Find(e => service.Key.StartsWith(EdgeClient.KeyPrefix(e), StringComparison.Ordinal))
               where environment is not null
               from host in service.Service.Routes.Select(r => r.Host).Distinct()
               orderby host?.Value ?? "*", service.Key
               let tls = secure.Find(host)
               let found = tls is null ? default : Certify(tls, host, certificates)
               let problem = tls is null ? null : listens ? found.Problem : "the edge does not listen for TLS: `wherry up --tls-port 443`"
               select new Domain(host?.Value ?? "*", $"{environment.Project}", $"{environment.Name}", service.Key[EdgeClient.KeyPrefix(environment).Length..], tls?.Source.ToString().ToLowerInvariant(), found.Name, found.NotAfter, problem) { NextAttempt = listens ? found.NextAttempt : null },
        ];
    }

    /// <summary>Hosts of any team that ask for TLS, have this certificate and would have none without it.</summary>
    public async Task<IReadOnlyList<string>> ThatNeedAsync(string name, CancellationToken ct)
    {
        var (services, certificates) = await LookAsync(ct);
        var secure = Secure(services);
        var others = certificates.Where(c => c.Name != name).ToList();
        return
        [
            .. from host in services.SelectMany(s => s.Service.Routes).Select(r => r.Host).OfType<HostName>().Distinct()
               where secure.Find(host) is { } tls && Certify(tls, host, certificates).Name == name && Certify(tls, host, others).Name is null
               orderby host.Value
               select host.Value,
        ];
    }

    private async Task<(IReadOnlyList<EdgeServiceState> Services, IReadOnlyList<CertificateState> Certificates)> LookAsync(CancellationToken ct) =>
        (await edge.ListAsync(ct), await edge.CertificatesAsync(ct));

    private static SecureHosts Secure(IEnumerable<EdgeServiceState> services) => new(services.Select(s => (s.Key, s.Service.Routes, s.Service.Tls)));

    /// <summary>As the edge chooses: one that names the host goes before a wildcard, of two the one that is good for longer.</summary>
    private static (string? Name, DateTimeOffset? NotAfter, string? Problem, DateTimeOffset? NextAttempt) Certify(TlsSettings tls, HostName? host, IReadOnlyList<CertificateState> certificates) =>
        host is null ? (null, null, null, null) // whatever is uploaded for the name that is asked for
        : tls.Source is not TlsSource.Internal && Covering(host.Value, certificates) is { } found ? (found.Name, found.NotAfter == default ? null : found.NotAfter, found.Problem, found.NextAttempt)
        : tls.Source is TlsSource.Internal || (tls.Source is TlsSource.Automatic && PrivateNames.Contains(host.Value)) ? ("internal", null, null, null)
        : (null, null, "no certificate covers it: `wherry certificates add`, or `wherry up --acme-email`", null);

    private static CertificateState? Covering(string host, IReadOnlyList<CertificateState> certificates) =>
        Naming(host, certificates) ?? (HostName.WildcardOf(host) is { } wildcard ? Naming(wildcard, certificates) : null);

    private static CertificateState? Naming(string name, IEnumerable<CertificateState> certificates) => certificates.Where(c => c.Hosts.Contains(name)).MaxBy(c => c.NotAfter);
}
