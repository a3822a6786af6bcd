using Wherry.Core.Model;
using Wherry.Core.Routing;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Foreign.Traefik;

public sealed class TraefikTranslationTests
{
    private const string Name = A.Key + "~0";

    [Fact]
    public void A_route_becomes_a_router_with_its_host_and_a_service_with_its_replicas()
    {
        var written = TraefikText.Read(TraefikText.Saved(TraefikText.Service(A.Route(3000, path: "/api", strip: true)) with { Probe = new() { Path = "/up" } }));

        var router = written["http"]!["routers"]![Name]!;
        Assert.Equal("Host(`shop.test`) && (Path(`/api`) || PathPrefix(`/api/`))", router["rule"]!.GetValue<string>());
        Assert.Equal("""["web"]""", router["entryPoints"]!.ToJsonString());
        Assert.Equal($"""["{Name}~strip","{Name}~retry"]""", router["middlewares"]!.ToJsonString());
        Assert.Equal("""{"prefixes":["/api"]}""", written["http"]!["middlewares"]![Name + "~strip"]!["stripPrefix"]!.ToJsonString());

        var balancer = written["http"]!["services"]![Name]!["loadBalancer"]!;
        Assert.Equal("""[{"url":"http://10.0.0.1:3000"},{"url":"http://10.0.0.2:3000"}]""", balancer["servers"]!.ToJsonString());
        Assert.Equal("""{"path":"/up","port":3000,"hostname":"shop.test","interval":"1s","timeout":"5s","followRedirects":false}""", balancer["healthCheck"]!.ToJsonString());
    }

    [Fact]
    public void What_stands_in_a_text_is_no_template_and_ends_no_rule()
    {
        var rules = new RouteRules { ResponseHeaders = new() { Set = new Dictionary<string, string> { ["X-Odd"] = """{{ env "HOME" }} \" {{`x`}} \\""" } }, Redirect = new("/{{.}}/$1") };
        var text = TraefikText.Of(TraefikText.Saved(TraefikText.Service(A.Route(3000) with { Rules = rules with { Redirect = null } }, A.Route(3000, path: "/old") with { Rules = rules })));

        Assert.DoesNotContain("{{", text);
        Assert.DoesNotContain("}}", text);
        var written = System.Text.Json.Nodes.JsonNode.Parse(text)!["http"]!["middlewares"]!;
        Assert.Equal(rules.ResponseHeaders.Set["X-Odd"], written[Name + "~headers"]!["headers"]!["customResponseHeaders"]!["X-Odd"]!.GetValue<string>());
        Assert.Equal("${1}/{{.}}/$$1", written[A.Key + "~1~redirect"]!["redirectRegex"]!["replacement"]!.GetValue<string>());
    }

    [Fact]
    public void Hosts_over_tls_are_served_there_and_sent_there()
    {
        var service = TraefikText.Service(A.Route(3000), A.Route(3000, "www.shop.test"), A.Route(3000, "shop.internal")) with { Tls = new(), CanonicalHost = HostName.Parse(A.Host) };
        var routers = TraefikText.Read(TraefikText.Saved(service))["http"]!["routers"]!;

        Assert.Equal("""["wherry~https"]""", routers[Name]!["middlewares"]!.ToJsonString());
        Assert.Equal("noop@internal", routers[Name]!["service"]!.GetValue<string>());
        Assert.Equal("""["websecure"]""", routers[Name + "~tls"]!["entryPoints"]!.ToJsonString());
        Assert.Equal("""{"options":"wherry","certResolver":"letsencrypt","domains":[{"main":"shop.test"}]}""", routers[Name + "~tls"]!["tls"]!.ToJsonString());
        Assert.Equal(Name, routers[Name + "~tls"]!["service"]!.GetValue<string>());

        // In one step to the one host and to https.
        Assert.Equal($"""["{A.Key}~1~canonical-https"]""", routers[A.Key + "~1"]!["middlewares"]!.ToJsonString());
        Assert.Equal($"""["{A.Key}~1~canonical"]""", routers[A.Key + "~1~tls"]!["middlewares"]!.ToJsonString());
    }

    [Fact]
    public void A_service_on_a_further_path_of_a_host_inherits_its_tls()
    {
        var routers = TraefikText.Read(
            TraefikText.Saved(TraefikText.Service() with { Tls = new() { Source = TlsSource.Uploaded, Redirect = false } }),
            TraefikText.Saved(TraefikText.Service(A.Route(4000, path: "/api")), "shop.production.api"))["http"]!["routers"]!;

        Assert.Equal("""{"options":"wherry"}""", routers["shop.production.api~0~tls"]!["tls"]!.ToJsonString());
        Assert.Equal("shop.production.api~0", routers["shop.production.api~0"]!["service"]!.GetValue<string>());
    }

    [Fact]
    public void A_wildcard_with_a_canonical_host_serves_that_and_sends_the_others_to_it()
    {
        var routers = TraefikText.Read(TraefikText.Saved(TraefikText.Service(A.Route(3000, "*.shop.test")) with { CanonicalHost = HostName.Parse("www.shop.test") }))["http"]!["routers"]!;

        Assert.Equal("noop@internal", routers[Name]!["service"]!.GetValue<string>());
        Assert.StartsWith("Host(`www.shop.test`) && HostRegexp(", routers[Name + "~canonical"]!["rule"]!.GetValue<string>());
        Assert.Equal(Name, routers[Name + "~canonical"]!["service"]!.GetValue<string>());
        Assert.True(routers[Name + "~canonical"]!["priority"]!.GetValue<int>() > routers[Name]!["priority"]!.GetValue<int>());
    }

    [Fact]
    public void A_share_of_the_visitors_goes_to_the_canaries_and_stays_there()
    {
        var services = TraefikText.Read(TraefikText.Saved(TraefikText.Service() with { Split = new() { Targets = ["two"], Share = 12.5 }, Probe = new() { Path = "/up" } }))["http"]!["services"]!;

        Assert.Equal(
            $$$"""{"services":[{"name":"{{{Name}}}~shared","weight":1250},{"name":"{{{Name}}}~others","weight":8750}],"sticky":{"cookie":{"name":"wherry-split","httpOnly":true}},"healthCheck":{}}""",
            services[Name]!["weighted"]!.ToJsonString());
        Assert.Equal("""[{"url":"http://10.0.0.2:3000"}]""", services[Name + "~shared"]!["loadBalancer"]!["servers"]!.ToJsonString());
    }

    [Fact]
    public void Copies_are_made_of_the_methods_that_change_nothing()
    {
        var http = TraefikText.Read(TraefikText.Saved(TraefikText.Service() with { Split = new() { Targets = ["two"], Share = 10, Mirror = new() } }))["http"]!;

        Assert.Equal("Host(`shop.test`) && PathPrefix(`/`) && (Method(`GET`) || Method(`HEAD`))", http["routers"]![Name + "~mirrored"]!["rule"]!.GetValue<string>());
        Assert.Equal(Name, http["routers"]![Name]!["service"]!.GetValue<string>());
        Assert.Equal($$"""{"service":"{{Name}}","maxBodySize":65536,"mirrors":[{"name":"{{Name}}~copies","percent":10}]}""", http["services"]![Name + "~mirrored"]!["mirroring"]!.ToJsonString());
        Assert.Equal("""[{"url":"http://10.0.0.1:3000"}]""", http["services"]![Name]!["loadBalancer"]!["servers"]!.ToJsonString());
    }

    [Fact]
    public void A_service_without_a_replica_answers_503()
    {
        var http = TraefikText.Read(TraefikText.Saved(TraefikText.Service() with { Targets = [] }))["http"]!;

        Assert.Equal("""["wherry~stopped"]""", http["routers"]![Name]!["middlewares"]!.ToJsonString());
        Assert.Equal("""{"sourceRange":["255.255.255.255/32"],"rejectStatusCode":503}""", http["middlewares"]!["wherry~stopped"]!["ipAllowList"]!.ToJsonString());
        Assert.Null(http["services"]); // Traefik takes no map without entries
    }

    [Fact]
    public void In_maintenance_the_health_path_stays_open_and_so_does_everything_for_those_allowed()
    {
        var http = TraefikText.Read(TraefikText.Saved(TraefikText.Service() with { Probe = new() { Path = "/up" } }, mode: ServiceMode.Maintenance, allow: ["10.1.0.0/16"]))["http"]!;

        Assert.Equal($"""["{Name}~maintenance","{Name}~retry"]""", http["routers"]![Name]!["middlewares"]!.ToJsonString());
        Assert.Equal("""{"sourceRange":["10.1.0.0/16"],"rejectStatusCode":503}""", http["middlewares"]![Name + "~maintenance"]!["ipAllowList"]!.ToJsonString());
        Assert.Equal("Host(`shop.test`) && PathPrefix(`/`) && Path(`/up`)", http["routers"]![Name + "~health"]!["rule"]!.GetValue<string>());
        Assert.Equal($"""["{Name}~retry"]""", http["routers"]![Name + "~health"]!["middlewares"]!.ToJsonString());
    }

    [Fact]
    public void A_tcp_route_takes_what_comes_to_an_entry_point_of_its_name()
    {
        var service = TraefikText.Service() with { Routes = [], Tcp = [new(5432, 5433) { SendProxy = 2 }] };
        var tcp = TraefikText.Read(TraefikText.Saved(service))["tcp"]!;

        Assert.Equal("""{"entryPoints":["tcp-5432"],"rule":"HostSNI(`*`)","service":"shop.production.web~tcp-5432"}""", System.Text.RegularExpressions.Regex.Unescape(tcp["routers"]![A.Key + "~tcp-5432"]!.ToJsonString()));
        Assert.Equal("""{"servers":[{"address":"10.0.0.1:5433"},{"address":"10.0.0.2:5433"}],"proxyProtocol":{"version":2}}""", tcp["services"]![A.Key + "~tcp-5432"]!["loadBalancer"]!.ToJsonString());
        Assert.Null(TraefikText.Read(TraefikText.Saved(service, mode: ServiceMode.Maintenance))["tcp"]);
    }

    [Fact]
    public void Addresses_are_written_as_Go_reads_them()
    {
        var service = TraefikText.Service(A.Route(3000) with { Rules = new() { Allow = ["127.1", "2001:DB8:0::/32", "10.0.0.0/8"] } }) with { Targets = [new("one", "fd00:0::1")] };
        var http = TraefikText.Read(TraefikText.Saved(service))["http"]!;

        Assert.Equal("""["127.0.0.1","2001:db8::/32","10.0.0.0/8"]""", http["middlewares"]![Name + "~allow"]!["ipAllowList"]!["sourceRange"]!.ToJsonString());
        Assert.Equal("""[{"url":"http://[fd00::1]:3000"}]""", http["services"]![Name]!["loadBalancer"]!["servers"]!.ToJsonString());
    }

    [Fact]
    public void Without_a_service_there_is_still_something_that_Traefik_reads() =>
        Assert.Equal("""{"tls":{"options":{"wherry":{"minVersion":"VersionTLS12"}}}}""", TraefikText.Read().ToJsonString());
}
