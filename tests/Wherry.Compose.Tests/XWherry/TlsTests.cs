using Wherry.Core.Model;
using Wherry.Core.Routing;

namespace Wherry.Compose.Tests.XWherry;

public sealed class TlsTests
{
    private const string Routes = "expose: [80]\nx-wherry:\n  routes: [example.com, '*.example.com']\n";

    [Theory]
    [InlineData("true", TlsSource.Automatic)]
    [InlineData("automatic", TlsSource.Automatic)]
    [InlineData("uploaded", TlsSource.Uploaded)]
    [InlineData("internal", TlsSource.Internal)]
    [InlineData("{ source: uploaded }", TlsSource.Uploaded)]
    [InlineData("{}", TlsSource.Automatic)]
    public void Tls_is_a_word_or_a_mapping(string tls, TlsSource source) =>
        Assert.Equal(new TlsSettings { Source = source, Redirect = true }, A.Web($"{Routes}  tls: {tls}").Tls);

    [Theory]
    [InlineData("tls: false")]
    [InlineData("tls:")]
    [InlineData("canonical_host:")]
    public void Tls_is_off_unless_it_is_asked_for(string line) => Assert.Null(A.Web($"{Routes}  {line}").Tls);

    [Fact]
    public void A_service_may_serve_both() => Assert.False(A.Web($"{Routes}  tls: {{ redirect: false }}").Tls!.Redirect);

    [Theory]
    [InlineData("/allowed?key=1")]
    [InlineData("https://policy.example.com:8443/allowed")]
    public void Certificates_on_demand_need_somebody_to_ask(string policy) => Assert.Equal(policy, A.Web($"{Routes}  tls: {{ on_demand: '{policy}' }}").Tls!.OnDemand);

    [Fact]
    public void KP_099_Hosts_that_are_named_and_on_demand_exclude_each_other()
    {
        var problem = A.WebProblem("expose: [80]\nx-wherry:\n  routes: [example.com]\n  tls: { on_demand: /allowed }");

        Assert.Equal("compose/tls-on-demand", problem.Code);
        Assert.Contains("every route names one", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("example.com")]
    [InlineData("Shop.example.com")]
    public void A_canonical_host_is_one_that_a_route_serves(string host) =>
        Assert.Equal(HostName.Parse(host), A.Web($"{Routes}  canonical_host: {host}").CanonicalHost);

    [Theory]
    [InlineData("tls: letsencrypt", "compose/value", "compose.yaml:7:12 services.web.x-wherry.tls: \"letsencrypt\" is not one of true, false, automatic, uploaded, internal")]
    [InlineData("tls: [internal]", "compose/value", "compose.yaml:7:12 services.web.x-wherry.tls: must be a string")]
    [InlineData("tls: { source: self }", "compose/value", "compose.yaml:7:22 services.web.x-wherry.tls.source: \"self\" is not one of")]
    [InlineData("tls: { redirct: true }", "compose/unknown-key", "compose.yaml:7:14 services.web.x-wherry.tls.redirct: unknown key; did you mean \"redirect\"?")]
    [InlineData("tls: { on_demand: allowed }", "compose/tls-on-demand", "services.web.x-wherry.tls.on_demand: \"allowed\" is no path and no http address")]
    [InlineData("tls: { on_demand: 'ftp://policy.example/' }", "compose/tls-on-demand", "is no path and no http address")]
    [InlineData("tls: { on_demand: '//policy.example/' }", "compose/tls-on-demand", "is no path and no address")]
    [InlineData("tls: { on_demand: /allowed, source: internal }", "compose/tls-on-demand", "goes with automatic certificates only")]
    [InlineData("canonical_host: www.example.org", "compose/canonical-host", "compose.yaml:7:23 services.web.x-wherry.canonical_host: \"www.example.org\" is not among the service's routes")]
    [InlineData("canonical_host: a.b.example.com", "compose/canonical-host", "is not among the service's routes")]
    [InlineData("canonical_host: '*.example.com'", "compose/canonical-host", "must be one host, not a wildcard")]
    [InlineData("canonical_host: 'https://example.com'", "route/host", "is not a host name")]
    public void KP_099_What_is_wrong_is_refused_where_it_stands(string line, string code, string message)
    {
        var problem = A.WebProblem($"{Routes}  {line}");

        Assert.Equal(code, problem.Code);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("expose: [80]\nx-wherry:\n  tls: true", "compose/tls-route", "compose.yaml:6:12 services.web.x-wherry.tls: needs a route")]
    [InlineData("expose: [80]\nx-wherry:\n  tls: internal\n  routes: [{ path: / }]", "compose/tls-route", "compose.yaml:7:16 services.web.x-wherry.routes[0]: needs a host")]
    [InlineData("expose: [80]\nx-wherry:\n  canonical_host: example.com", "compose/canonical-host", "is not among the service's routes")]
    public void KP_099_Tls_needs_a_host(string body, string code, string message)
    {
        var problem = A.WebProblem(body);

        Assert.Equal(code, problem.Code);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_route_that_cannot_be_read_is_told_once() =>
        Assert.Equal("route/host", A.WebProblem("expose: [80]\nx-wherry: { routes: ['a b'], tls: true, canonical_host: a.example }").Code);

    [Fact]
    public void A_catch_all_may_be_served_with_what_was_uploaded() =>
        Assert.Equal(TlsSource.Uploaded, A.Web("expose: [80]\nx-wherry: { routes: [{ path: / }], tls: uploaded }").Tls!.Source);
}
