using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Wherry.Core.Routing;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Foreign;

/// <summary>TLS that a real Caddy speaks for services.</summary>
public sealed class CaddyTlsTests : OnAnEdge, IDisposable
{
    private readonly TestAuthority _authority = new();

    protected override bool OnCaddy => true;

    public void Dispose() => _authority.Dispose();

    [Fact]
    public async Task An_uploaded_certificate_is_served_and_plain_requests_are_sent_to_https()
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.UploadAsync("shop", _authority.For(A.Host));
        await Edge.Control.PutAsync(A.Service(web) with { Tls = new() { Source = TlsSource.Uploaded } }, Ct);

        using var http = TlsVisitor.Client(Edge, _authority.Root);
        Assert.Equal("web1", await http.GetStringAsync(new Uri("/", UriKind.Relative), Ct));
        using var plain = await Edge.Http.GetAsync(new Uri("/a?b=c", UriKind.Relative), Ct);
        Assert.Equal((HttpStatusCode.MovedPermanently, $"https://{A.Host}:{Edge.TlsAddress.Port}/a?b=c"), (plain.StatusCode, plain.Headers.Location!.OriginalString));
    }

    [Fact]
    public async Task A_newer_certificate_is_served_without_a_deployment()
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.UploadAsync("shop", _authority.For(A.Host));
        await Edge.Control.PutAsync(A.Service(web) with { Tls = new() { Source = TlsSource.Uploaded } }, Ct);
        using var first = await TlsVisitor.CertificateAsync(Edge, A.Host);

        await Edge.Control.UploadAsync("shop", _authority.For(A.Host));

        await Eventually.TrueAsync(async () =>
        {
            try
            {
                using var now = await TlsVisitor.CertificateAsync(Edge, A.Host);
                return now.SerialNumber != first.SerialNumber;
            }
            catch (IOException)
            {
                return false; // Caddy opens its port anew with a change: who waited at the old one is reset
            }
        });
    }

    [Fact]
    public async Task Caddys_own_authority_signs_for_internal_names()
    {
        await using var web = await Backend.StartAsync("web1");
        await Edge.Control.PutAsync(A.Service(web) with { Tls = new() { Source = TlsSource.Internal } }, Ct);

        var pki = JsonNode.Parse(await Caddy.Http.GetStringAsync(new Uri("/pki/ca/local", UriKind.Relative), Ct))!;
        using var root = X509Certificate2.CreateFromPem(pki["root_certificate"]!.GetValue<string>());
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                using var http = TlsVisitor.Client(Edge, root);
                return await http.GetStringAsync(new Uri("/", UriKind.Relative), Ct) == "web1";
            }
            catch (HttpRequestException)
            {
                return false; // it is being made
            }
        });
    }

    [Fact]
    public async Task The_edges_own_authority_signs_nothing_and_is_not_handed_out()
    {
        using var answer = await Edge.Control.Http.GetAsync(new Uri("/authority", UriKind.Relative), Ct);

        Assert.Equal(400, (int)answer.StatusCode);
        Assert.Contains("caddy trust", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_was_not_uploaded_is_missed_before_anything_changes()
    {
        await using var web = await Backend.StartAsync("web1");

        var problem = await EdgeControl.ProblemOfAsync(() => Edge.Control.PutAsync(A.Service(web) with { Tls = new() { Source = TlsSource.Uploaded } }, Ct));

        Assert.Equal("certificate/missing", problem.Code);
        Assert.Equal(404, await Edge.StatusAsync("/"));
    }

    protected override EdgeOptions Options(EdgeOptions defaults) => defaults with { ListenTls = ["127.0.0.1:0"] };
}
