using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Wherry.Core.Model;
using Wherry.Core.Routing;
using Wherry.Edge.Certificates;
using Wherry.Edge.Switching;

namespace Wherry.Edge.Foreign.Traefik;

/// <summary>A Traefik that serves what stands in a folder. Whether it does, it tells where it is asked; what it works on it never tells.</summary>
internal sealed class TraefikProxy(TraefikOptions options, CertificateFolder uploaded, InternalAuthority authority, TimeProvider time) : IForeignProxy
{
    private const string Head = "# Written by `wherry edge`: what is changed here is overwritten.\n";

    private readonly TraefikFolder _folder = new(options.Folder);
    private readonly CertificateSource _ours = new(uploaded, automatic: null, authority);
    private readonly TraefikAsker? _asker = options.Asks is { } address ? new(address, time) : null;
    private Text? _written;
    private string? _inForce;

    public string Name => "Traefik";

    public string Address => options.Folder;

    public bool SignsItself => false;

    public IEnumerable<Unsupported> Refusals(EdgeService service) =>
    [
        .. TraefikRefusals.Of(service),
        .. service.Tls is { Source: TlsSource.Automatic } tls && options.Resolver is null && service.Routes.Any(r => r.Host is { } host && !Has(tls, host))
            ? new Unsupported[] { new("tls without a certificate that was uploaded", "Name Traefik's resolver (`--traefik-resolver`), upload a certificate, or use `tls: internal`") }
            : [],
    ];

    public IEnumerable<Unsupported> Refusals(Admission.State state) => TraefikRefusals.Of(state.Mode, state.Message, state.Allow);

    /// <inheritdoc />
    /// <remarks>Traefik serves by a new file after a moment: so long it takes.</remarks>
    public async Task<bool> ApplyAsync(ForeignState state, CancellationToken ct)
    {
        var certificates = CertificatesFor(state.Services).DistinctBy(NameOf).ToDictionary(NameOf, c => c, StringComparer.Ordinal);
        var next = Written(state.Services, [.. certificates.Keys.Order(StringComparer.Ordinal)]);
        _inForce ??= _folder.Read(); // by which it serves since an earlier run
        var changed = _folder.Write(next.Whole, certificates.ToDictionary(c => c.Key, c => new Func<string>(() => TextOf(c.Value)), StringComparer.Ordinal));
        try
        {
            var settles = changed ? options.SettlesWithin : TimeSpan.Zero;
            await (_asker?.WaitAsync(next.Mark, settles, ct) ?? Task.Delay(settles, time, ct));
            _inForce = next.Whole;
        }
        catch when (changed && _inForce is { } before)
        {
            _folder.PutBack(before); // or it would be served by when Traefik is mended
            throw;
        }

        return changed;
    }

    public Task LeaveAsync(CancellationToken ct)
    {
        _folder.Clear();
        return Task.CompletedTask;
    }

    public async Task CheckAsync(EdgeService service, CancellationToken ct)
    {
        _folder.EnsureIsThere();
        await (_asker?.EnsureAnswersAsync(ct) ?? Task.CompletedTask);
    }

    public Task<IReadOnlyDictionary<IPEndPoint, int>?> InFlightAsync(CancellationToken ct) => Task.FromResult<IReadOnlyDictionary<IPEndPoint, int>?>(null);

    /// <summary>Traefik serves on by the file.</summary>
    public void Dispose() => _asker?.Dispose();

    /// <summary>Asked for every other second: it is made anew when something has changed.</summary>
    private Text Written(IReadOnlyList<SavedService> services, IReadOnlyList<string> certificates)
    {
        if (_written is null || !services.SequenceEqual(_written.Services) || !certificates.SequenceEqual(_written.Certificates))
        {
            var (marked, mark) = TraefikMark.On(TraefikTranslation.Of(services, options, [.. certificates.Select(c => new TraefikCertificate(_folder.PathOf(c), _folder.PathOf(c)))], Has), options);
            _written = new(services, certificates, Head + TraefikJson.Write(marked), mark);
        }

        return _written;
    }

    private bool Has(TlsSettings settings, HostName host) => _ours.Find(settings, host, host.Value) is not null;

    /// <summary>Every uploaded one, as wildcards and routes without host may need it; of our own authority those that hosts ask for.</summary>
    private IEnumerable<ServedCertificate> CertificatesFor(IReadOnlyList<SavedService> services)
    {
        if (services.All(s => s.Service.Tls is null))
        {
            return [];
        }

        var secure = new SecureHosts(services.Select(s => (s.Key, s.Service.Routes, s.Service.Tls)));
        return
        [
            .. uploaded.All,
            .. from host in services.SelectMany(s => s.Service.Routes).Select(r => r.Host).OfType<HostName>().Distinct()
               let settings = secure.Find(host)
               where settings is not null
               select _ours.Find(settings, host, host.Value) into found
               where found is not null
               select found,
        ];
    }

    private static string NameOf(ServedCertificate certificate) => $"{certificate.Name.Replace('*', '_')}-{Convert.ToHexStringLower(certificate.Leaf.GetCertHash(HashAlgorithmName.SHA256))[..16]}";

    private static string TextOf(ServedCertificate certificate)
    {
        using var rsa = certificate.Leaf.GetRSAPrivateKey();
        using var ecdsa = certificate.Leaf.GetECDsaPrivateKey();
        StringBuilder text = new(rsa?.ExportPkcs8PrivateKeyPem() ?? ecdsa!.ExportPkcs8PrivateKeyPem());
        foreach (var one in (IEnumerable<X509Certificate2>)[certificate.Leaf, .. certificate.Handshake.ServerCertificateContext!.IntermediateCertificates])
        {
            text.Append('\n').Append(one.ExportCertificatePem());
        }

        return text.Append('\n').ToString();
    }

    /// <summary>A configuration, and what it was made from.</summary>
    private sealed record Text(IReadOnlyList<SavedService> Services, IReadOnlyList<string> Certificates, string Whole, string Mark);
}
