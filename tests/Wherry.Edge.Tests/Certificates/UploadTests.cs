using System.Security.Cryptography;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Certificates;

/// <summary>Certificates that people bring: checked, kept, exchanged while they serve.</summary>
public sealed class UploadTests : OnAnEdge, IDisposable
{
    private readonly TestAuthority _authority = new();

    private string Folder => Path.Combine(Edge.Home, "certificates");

    public void Dispose() => _authority.Dispose();

    [Fact]
    public async Task KP_091_An_uploaded_pair_is_served_and_exchanged_without_an_interruption()
    {
        await using var web = await Backend.StartAsync("web");
        var state = await Edge.Control.UploadAsync("shop", _authority.For(A.Host));
        await Edge.Control.PutAsync(A.Service(web) with { Tls = new() }, Ct);
        using var first = await TlsVisitor.CertificateAsync(Edge, A.Host, _authority.Root);
        using var http = TlsVisitor.Client(Edge, _authority.Root);
        await using var visitor = new Visitor(http, $"https://{A.Host}/");
        await visitor.MoreAsync();

        await Edge.Control.UploadAsync("shop", _authority.For(A.Host));

        using var second = await TlsVisitor.CertificateAsync(Edge, A.Host, _authority.Root);
        await visitor.MoreAsync();
        Assert.Equal([A.Host], state.Hosts);
        Assert.NotEqual(first.Thumbprint, second.Thumbprint);
        Assert.All(await visitor.StopAsync(), answer => Assert.Equal("web", answer));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(Folder, "shop.pem")));
    }

    [Fact]
    public async Task KP_091_What_cannot_be_served_is_refused_and_the_old_one_serves_on()
    {
        await using var web = await Backend.StartAsync("web");
        var good = _authority.For(A.Host);
        await Edge.Control.UploadAsync("shop", good);
        await Edge.Control.PutAsync(A.Service(web) with { Tls = new() }, Ct);
        using var before = await TlsVisitor.CertificateAsync(Edge, A.Host, _authority.Root);
        using var small = RSA.Create(1024);
        var now = DateTimeOffset.UtcNow;

        foreach (var (code, upload) in new[]
        {
            ("certificate/unreadable", good with { Chain = "nothing" }),
            ("certificate/unreadable", good with { Chain = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----" }),
            ("certificate/key-mismatch", good with { Key = _authority.For(A.Host).Key }),
            ("certificate/key-mismatch", good with { Key = "nothing" }),
            ("certificate/key-mismatch", good with { Key = small.ExportEncryptedPkcs8PrivateKeyPem("secret", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)) }),
            ("certificate/expired", _authority.For(now.AddDays(-2), now.AddDays(-1), A.Host)),
            ("certificate/expired", _authority.For(now.AddDays(1), now.AddDays(2), A.Host)),
            ("certificate/unsuitable", _authority.For()),
            ("certificate/chain", good with { Chain = good.Chain[..(good.Chain.IndexOf("-----END", StringComparison.Ordinal) + 25)] + "\n" + _authority.Root.ExportCertificatePem() }),
        })
        {
            var problem = await EdgeControl.ProblemOfAsync(() => Edge.Control.UploadAsync("shop", upload));
            Assert.Equal(code, problem.Code);
            Assert.Contains("shop", problem.Message, StringComparison.Ordinal);
        }

        Assert.Equal("certificate/name", (await EdgeControl.ProblemOfAsync(() => Edge.Control.UploadAsync("-shop", good))).Code);
        using var after = await TlsVisitor.CertificateAsync(Edge, A.Host, _authority.Root);
        Assert.Equal(before.Thumbprint, after.Thumbprint);
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_and_one_that_others_may_read_stop_nobody()
    {
        await using var web = await Backend.StartAsync("web");
        await Edge.Control.UploadAsync("shop", _authority.For(A.Host));
        await Edge.Control.PutAsync(A.Service(web) with { Tls = new() }, Ct);
        await File.WriteAllTextAsync(Path.Combine(Folder, "broken.pem"), "half a file", Ct);
        File.SetUnixFileMode(Path.Combine(Folder, "shop.pem"), UnixFileMode.UserRead | UnixFileMode.OtherRead);

        await Edge.RestartAsync();

        using var http = TlsVisitor.Client(Edge, _authority.Root);
        Assert.Equal("web", await http.GetStringAsync(new Uri("/", UriKind.Relative), Ct));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(Folder, "shop.pem")));
        var states = (await Edge.Control.CertificatesAsync()).ToDictionary(c => c.Name, c => c.Problem);
        Assert.Null(states["shop"]);
        Assert.Contains("cannot be read", states["broken"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_one_that_names_the_host_goes_before_a_wildcard_and_a_longer_life_before_a_shorter()
    {
        await using var web = await Backend.StartAsync("web");
        var now = DateTimeOffset.UtcNow;
        await Edge.Control.UploadAsync("wild", _authority.For("*.shop.test"));
        await Edge.Control.UploadAsync("short", _authority.For(now.AddDays(-1), now.AddDays(20), "www.shop.test"));
        await Edge.Control.PutAsync(A.Service(web) with { Routes = [A.Route(web.Port, "*.shop.test")], Tls = new() }, Ct);

        Assert.Equal(20, await DaysAsync("www.shop.test"));
        Assert.Equal(90, await DaysAsync("api.shop.test"));
        await Edge.Control.UploadAsync("long", _authority.For(now.AddDays(-1), now.AddDays(60), "www.shop.test"));
        Assert.Equal(60, await DaysAsync("www.shop.test"));
        using var removed = await Edge.Control.Http.DeleteAsync(new Uri("/certificates/long", UriKind.Relative), Ct);
        Assert.Equal(20, await DaysAsync("www.shop.test"));
        await TlsVisitor.RefusedAsync(Edge, "a.b.shop.test");
    }

    [Fact]
    public async Task One_that_expires_soon_says_so()
    {
        var now = DateTimeOffset.UtcNow;
        await Edge.Control.UploadAsync("shop", _authority.For(now.AddDays(-80), now.AddDays(10), A.Host));

        Assert.Equal("it expires within 14 days", Assert.Single(await Edge.Control.CertificatesAsync()).Problem);
    }

    protected override EdgeOptions Options(EdgeOptions defaults) => defaults with { ListenTls = ["127.0.0.1:0"] };

    private async Task<int> DaysAsync(string name)
    {
        using var certificate = await TlsVisitor.CertificateAsync(Edge, name, _authority.Root);
        return (int)Math.Round((certificate.NotAfter.ToUniversalTime() - DateTime.UtcNow).TotalDays);
    }
}
