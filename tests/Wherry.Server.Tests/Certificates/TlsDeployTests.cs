using System.Net;
using System.Security.Cryptography.X509Certificates;
using Wherry.Client;
using Wherry.Edge.Tests.Rig;
using Wherry.Server.Tests.Deployments;

namespace Wherry.Server.Tests.Certificates;

/// <summary>From <c>x-wherry.tls</c> to a real handshake with what the edge serves.</summary>
public sealed class TlsDeployTests(LiveWherry wherry)
{
    [Fact]
    public async Task KP_092_KP_011_A_service_asks_for_tls_and_is_served_over_it_by_the_same_container()
    {
        var project = await wherry.ProjectAsync();
        var host = $"{project}.example.test";
        Assert.Equal([$"http://{host}:{wherry.Address.Port}"], (await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web(host)))).Addresses);
        var before = await wherry.IdsAsync(project, "web");
        using var root = X509Certificate2.CreateFromPem((await wherry.Client.AuthorityAsync(default)).Pem);

        var ended = await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web(host, wherry: "tls: internal")));

        Assert.Equal(DeploymentOutcome.Succeeded, ended.Outcome);
        Assert.Equal(before, await wherry.IdsAsync(project, "web"));
        var https = $"https://{host}:{wherry.TlsAddress.Port}";
        Assert.Equal([https], ended.Addresses);
        Assert.Equal([https], (await wherry.Client.ServicesAsync(project, "production", default)).Single().Routes);
        Assert.Contains($"live at {https}", await wherry.LogAsync(ended), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await TlsVisits.GetAsync(wherry, $"{https}/up", root)).Status);
        var plain = await TlsVisits.GetAsync(wherry, $"http://{host}:{wherry.Address.Port}/a?b=c", root);
        Assert.Equal((HttpStatusCode.MovedPermanently, $"{https}/a?b=c"), (plain.Status, plain.Location));
        Assert.Equal(new Domain(host, project, "production", "web", "internal", "internal", null, null), Assert.Single(await DomainsAsync(project)));
    }

    [Fact]
    public async Task KP_013_Who_asks_for_another_host_is_sent_to_the_canonical_one_in_one_step()
    {
        var project = await wherry.ProjectAsync();
        using var root = X509Certificate2.CreateFromPem((await wherry.Client.AuthorityAsync(default)).Pem);
        await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web($"{project}.localhost\", \"www.{project}.localhost", wherry: $"tls: true\ncanonical_host: {project}.localhost")));

        var sent = await TlsVisits.GetAsync(wherry, $"http://www.{project}.localhost:{wherry.Address.Port}/a", root);

        Assert.Equal((HttpStatusCode.MovedPermanently, $"https://{project}.localhost:{wherry.TlsAddress.Port}/a"), (sent.Status, sent.Location));
        Assert.Equal(["internal", "internal"], (await DomainsAsync(project)).Select(d => d.Certificate));
    }

    [Fact]
    public async Task KP_014_A_service_without_a_certificate_is_refused_and_what_served_serves_on()
    {
        var project = await wherry.ProjectAsync();
        var host = $"{project}.example.test";
        await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web(host)));

        var refused = await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web(host, "v2", wherry: "tls: uploaded")));

        Assert.Equal((DeploymentOutcome.Failed, "certificate/missing"), (refused.Outcome, refused.Problem?.Code));
        Assert.Equal("v1", (await wherry.VariablesAtAsync(host))["VERSION"]);
        Assert.Equal(new Domain(host, project, "production", "web", null, null, null, null), Assert.Single(await DomainsAsync(project)));
    }

    [Fact]
    public async Task KP_091_KM_16_An_uploaded_certificate_is_served_from_the_first_request_and_kept_while_it_is_needed()
    {
        var project = await wherry.ProjectAsync();
        var host = $"{project}.example.test";
        using var authority = new TestAuthority();
        var upload = authority.For($"*.example.test", host);
        var added = await wherry.Client.AddCertificateAsync(project, new AddCertificate(upload.Chain, upload.Key), default);
        Assert.Equal((project, null), (added.Name, added.Problem));

        var ended = await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web(host, wherry: "tls: { source: uploaded, redirect: false }")));

        Assert.Equal(HttpStatusCode.OK, (await TlsVisits.GetAsync(wherry, $"{ended.Addresses.Single()}/up", authority.Root)).Status);
        Assert.Equal(HttpStatusCode.OK, (await wherry.GetAsync(host, "/up")).Status);
        var domain = Assert.Single(await DomainsAsync(project));
        Assert.Equal((project, added.NotAfter, null), (domain.Certificate, domain.NotAfter, domain.Problem));

        var needed = await Assert.ThrowsAsync<ApiException>(() => wherry.Client.RemoveCertificateAsync(project, default));
        Assert.Equal((409, "certificate/in-use"), (needed.Status, needed.Problem.Code));
        Assert.Contains(host, needed.Problem.Message, StringComparison.Ordinal);
        await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web(host)));
        await wherry.Client.RemoveCertificateAsync(project, default);
        Assert.DoesNotContain(await wherry.Client.CertificatesAsync(default), c => c.Name == project);
        await AssertToldAsync(project, upload.Key);
    }

    [Fact]
    public async Task A_certificate_is_the_whole_servers_and_what_is_wrong_with_it_is_told()
    {
        var name = await wherry.ProjectAsync();
        using var authority = new TestAuthority();
        var (one, other) = (authority.For("a.example.test"), authority.For("b.example.test"));

        Assert.Equal("certificate/key-mismatch", await CodeAsync(() => wherry.Client.AddCertificateAsync(name, new AddCertificate(one.Chain, other.Key), default)));
        Assert.Equal("certificate/unreadable", await CodeAsync(() => wherry.Client.AddCertificateAsync(name, new AddCertificate("no PEM", one.Key), default)));
        Assert.Equal("certificate/name", await CodeAsync(() => wherry.Client.AddCertificateAsync("../root", new AddCertificate(one.Chain, one.Key), default)));
        Assert.Equal("certificate/not-found", await CodeAsync(() => wherry.Client.RemoveCertificateAsync(name, default)));

        var token = await wherry.Client.CreateTokenAsync(new CreateToken($"tls-{name}", TokenScope.Deploy), default);
        using var deployer = WherryClient.OverHttp(new Uri($"http://{wherry.Options.Listen}"), token.Secret);
        Assert.Equal("token/scope", await CodeAsync(() => deployer.CertificatesAsync(default)));
        Assert.Equal("token/scope", await CodeAsync(() => deployer.RollAcmeKeyAsync(default)));
        Assert.Equal("acme/none", await CodeAsync(() => wherry.Client.RollAcmeKeyAsync(default)));
        Assert.Equal("token/scope", await CodeAsync(() => deployer.AddCertificateAsync(name, new AddCertificate(one.Chain, one.Key), default)));
        Assert.Equal("token/scope", await CodeAsync(() => deployer.RemoveCertificateAsync(name, default)));
        Assert.NotNull(await deployer.DomainsAsync(default));
        Assert.StartsWith("-----BEGIN CERTIFICATE-----", (await deployer.AuthorityAsync(default)).Pem, StringComparison.Ordinal);
    }

    private async Task<IReadOnlyList<Domain>> DomainsAsync(string project) => [.. (await wherry.Client.DomainsAsync(default)).Where(d => d.Project == project)];

    private static async Task<string> CodeAsync(Func<Task> call) => (await Assert.ThrowsAsync<ApiException>(call)).Problem.Code;

    private async Task AssertToldAsync(string name, string key)
    {
        var events = new List<Event>();
        await foreach (var told in wherry.Client.EventsAsync(new EventQuery { Kind = "certificate" }, default))
        {
            events.Add(told);
        }

        Assert.Equal(["certificate/added", "certificate/removed"], events.Where(e => e.About == name).Select(e => e.Kind));
        Assert.Contains("example.test until ", events.First(e => e.About == name).After!, StringComparison.Ordinal);
        Assert.All(events, e => Assert.DoesNotContain(key.Split('\n')[1], $"{e}", StringComparison.Ordinal));
    }
}
