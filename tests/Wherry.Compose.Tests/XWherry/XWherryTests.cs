using Wherry.Core.Model;

namespace Wherry.Compose.Tests.XWherry;

public sealed class XWherryTests
{
    [Fact]
    public void Routes_are_read_short_and_long()
    {
        var web = A.Web("""
            expose: [3000, "9000/udp"]
            x-wherry:
              routes:
                - example.com
                - Example.com/api/
                - { host: "*.example.com", path: /x, port: 4000, strip_prefix: true }
                - { path: /any }
            """);

        Assert.Equal(
            [
                new(HostName.Parse("example.com"), PathPrefix.Root, 3000),
                new(HostName.Parse("example.com"), PathPrefix.Parse("/api"), 3000),
                new(HostName.Parse("*.example.com"), PathPrefix.Parse("/x"), 4000, StripPrefix: true),
                new Route(null, PathPrefix.Parse("/any"), 3000),
            ],
            web.Routes);
    }

    [Fact]
    public void Rules_of_a_route_are_read_short_and_long()
    {
        var routes = A.Web("""
            expose: [80]
            x-wherry:
              routes:
                - { host: a.test, redirect: /here, forward_auth: "http://auth.test/", basic_auth: { ann: "$$2y$$05$$abcdefghijklmnopqrstuupx2xBUC4954936wVIjyyPHmUBFu0wCW" } }
                - { host: b.test, redirect: { to: "https://b.test", permanent: true }, rate_limit: { requests: 5, per: 1m, burst: 9, header: X-Key }, max_body: 1k, allow: [10.0.0.0/8], response_headers: { set: { A: 1 }, remove: [B] } }
                - { host: c.test }
            """).Routes;

        Assert.Equal(
            new() { Redirect = new("/here"), ForwardAuth = new("http://auth.test/"), BasicAuth = new Dictionary<string, string> { ["ann"] = "$2y$05$abcdefghijklmnopqrstuupx2xBUC4954936wVIjyyPHmUBFu0wCW" } },
            routes[0].Rules);
        Assert.Equal(
            new()
            {
                Redirect = new("https://b.test", Permanent: true),
                RateLimit = new(5, TimeSpan.FromMinutes(1), 9, "X-Key"),
                MaxBody = 1024,
                Allow = ["10.0.0.0/8"],
                ResponseHeaders = new() { Set = new Dictionary<string, string> { ["A"] = "1" }, Remove = ["B"] },
            },
            routes[1].Rules);
        Assert.Null(routes[2].Rules);
    }

    [Theory]
    [InlineData("redirect: //evil.test", "redirect", "neither http(s)://host[/path] nor a /path")]
    [InlineData("redirect: { permanent: true }", "redirect", "needs to")]
    [InlineData("rate_limit: { per: 1s }", "rate_limit", "needs requests")]
    [InlineData("rate_limit: { requests: 5, per: 0s }", "rate_limit", "is not between 1 s and 1 day")]
    [InlineData("basic_auth: { ann: secret }", "basic_auth", "is not a hash")]
    [InlineData("allow: [nowhere]", "allow", "neither an address nor a network")]
    [InlineData("request_headers: { set: { Host: x } }", "request_headers", "is not a header that may be changed")]
    [InlineData("forward_auth: { copy_headers: [A] }", "forward_auth", "needs url")]
    public void A_rule_that_cannot_hold_is_refused_where_it_stands(string rule, string key, string why)
    {
        var problem = A.WebProblem($"expose: [80]\nx-wherry:\n  routes:\n    - host: a.test\n      {rule}");

        Assert.Equal("compose/value", problem.Code);
        Assert.StartsWith($"compose.yaml:8:", problem.Message, StringComparison.Ordinal);
        Assert.Contains($"services.web.x-wherry.routes[0].{key}: ", problem.Message, StringComparison.Ordinal);
        Assert.Contains(why, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("expose: [80]", 80)]
    [InlineData("ports: ['8080:81']", 81)]
    [InlineData("expose: [80]\nports: ['80']", 80)]
    public void A_route_without_port_goes_to_the_only_port_of_the_service(string ports, int port) =>
        Assert.Equal(port, Assert.Single(A.Web($"{ports}\nx-wherry: {{ routes: [example.com] }}").Routes).Port);

    [Theory]
    [InlineData("user: x")]
    [InlineData("expose: [80, 81]")]
    [InlineData("expose: ['80/udp']")]
    public void A_route_whose_port_is_not_known_asks_for_it(string ports)
    {
        var problem = A.WebProblem($"{ports}\nx-wherry:\n  routes:\n    - host: example.com");

        Assert.Equal("compose/route-port", problem.Code);
        Assert.StartsWith("compose.yaml:7:11 services.web.x-wherry.routes[0]: needs a port", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_and_path_lead_to_one_service()
    {
        const string text = "services:\n  a: { image: x, x-wherry: { routes: [{ host: example.com, port: 80 }] } }\n  b: { image: x, x-wherry: { routes: [{ host: EXAMPLE.com, port: 81, path: / }] } }\n";

        Assert.Equal("compose/route-taken", A.Problem(text).Code);
        Assert.Contains("example.com/ leads to service \"a\" already", A.Problem(text).Message, StringComparison.Ordinal);
        Assert.Equal(2, A.Model(text.Replace("path: /", "path: /b", StringComparison.Ordinal)).Services.Count);
    }

    [Fact]
    public void Health_is_read_with_its_defaults()
    {
        var all = A.Web("x-wherry: { health: { path: /up?full=1, port: 3000, host: example.com, interval: 500ms, timeout: 2s, deadline: 2m } }").Health!;
        Assert.Equal(("/up?full=1", 3000, "example.com"), (all.Path, all.Port, all.Host));
        Assert.Equal((TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(2)), (all.Interval, all.Timeout, all.Deadline));

        var defaults = A.Web("x-wherry: { routes: [{ port: 4000 }], health: { path: /up } }").Health!;
        Assert.Equal(new HealthSpec { Path = "/up", Port = 4000 }, defaults);

        var command = A.Web("expose: [80]\nx-wherry: { health: { command: 'bin/check --all' } }").Health!;
        Assert.Equal(["bin/check", "--all"], command.Command);
        Assert.Null(command.Port);
        Assert.Equal(80, A.Web("expose: [80]\nx-wherry: { health: { interval: 2s } }").Health!.Port);
    }

    [Theory]
    [InlineData("1s")]
    [InlineData("5m")]
    public void A_deadline_alone_needs_no_port(string deadline)
    {
        var health = A.Web($"healthcheck: {{ test: [CMD, bin/check] }}\nx-wherry: {{ health: {{ deadline: {deadline} }} }}").Health!;

        Assert.Equal((null, null), (health.Port, health.Command));
        Assert.Equal(deadline == "1s" ? TimeSpan.FromSeconds(1) : TimeSpan.FromMinutes(5), health.Deadline);
    }

    [Fact]
    public void Deploy_is_read_with_its_defaults()
    {
        Assert.Equal(
            new DeploySpec { Strategy = DeployStrategy.Rolling, Surge = 2, Drain = TimeSpan.Zero, Keep = 0 },
            A.Web("x-wherry: { deploy: { strategy: rolling, surge: 2, drain: 0, keep: 0 } }").Deploy);
        Assert.Equal(DeployStrategy.BlueGreen, A.Web("x-wherry: { deploy: { strategy: blue-green } }").Deploy.Strategy);
        Assert.Equal(DeployStrategy.Recreate, A.Web("ports: ['80:80']\nx-wherry: { deploy: { strategy: recreate } }").Deploy.Strategy);
        Assert.Equal(new DeploySpec(), A.Web("user: x").Deploy);
        Assert.Equal(new DeploySpec(), A.Web("x-wherry: { deploy: {} }").Deploy);
    }

    [Fact]
    public void Release_is_a_list_or_a_string_of_words()
    {
        Assert.Equal(["bin/migrate", "--all now"], A.Web("x-wherry: { release: 'bin/migrate \"--all now\"' }").Release);
        Assert.Equal(["bin/migrate", "a b"], A.Web("x-wherry: { release: [bin/migrate, a b] }").Release);
    }

    [Fact]
    public void Source_is_read_and_brings_a_build()
    {
        var model = A.Model("services: { web: { x-wherry: { source: { url: 'https://git.example.com/a/b.git', ref: v1, path: site } } } }");
        var web = A.Service(model, "web");

        Assert.Equal(new GitSource(GitUrl.Parse("https://git.example.com/a/b.git"), GitRef.Parse("v1"), SourcePath.Parse("site")), web.Source);
        Assert.Equal(SourcePath.Root, web.Build?.Context);
        Assert.Equal("main", A.Service(A.Model("services: { web: { x-wherry: { source: { url: 'git@h:a/b', branch: main } } } }"), "web").Source?.Ref?.Value);
    }

    [Theory]
    [InlineData("route: []", "compose/unknown-key", "did you mean \"routes\"?")]
    [InlineData("routes: [{ port: 80, hots: a }]", "compose/unknown-key", "did you mean \"host\"?")]
    [InlineData("health: { pth: /up, port: 80 }", "compose/unknown-key", "did you mean \"path\"?")]
    [InlineData("deploy: { drian: 1s }", "compose/unknown-key", "did you mean \"drain\"?")]
    [InlineData("source: { url: 'https://h/x', brnch: a }", "compose/unknown-key", "did you mean \"branch\"?")]
    [InlineData("routes: [{ port: 0 }]", "compose/value", "from 1 to 65535")]
    [InlineData("routes: [{ port: 80, host: 'https://a.b' }]", "route/host", "is not a host name")]
    [InlineData("routes: [{ port: 80, path: api }]", "route/path", "is not a path prefix")]
    [InlineData("routes: [{ port: 80, strip_prefix: maybe }]", "compose/value", "must be true or false")]
    [InlineData("routes: example.com", "compose/value", "must be a list")]
    [InlineData("health: { path: /up }", "compose/health-port", "needs a port")]
    [InlineData("health: { host: a.b, deadline: 9s }", "compose/health-port", "needs a port")]
    [InlineData("health: { interval: 2s, deadline: 9s }", "compose/health-port", "needs a port")]
    [InlineData("health: {}", "compose/health-port", "needs a port")]
    [InlineData("health: { path: up, port: 80 }", "compose/value", "is not a path")]
    [InlineData("health: { host: '*.a.b', port: 80 }", "compose/value", "needs one host")]
    [InlineData("health: { command: x, path: /up }", "compose/value", "has a command as well as")]
    [InlineData("health: { command: [] }", "compose/value", "must not be empty")]
    [InlineData("health: { port: 80, interval: 0 }", "compose/value", "is not between 50ms and 1h")]
    [InlineData("health: { port: 80, deadline: 2h }", "compose/value", "is not between 50ms and 1h")]
    [InlineData("health: { port: 80, interval: 60s }", "compose/value", "is not shorter than the deadline")]
    [InlineData("health: { port: 80, deadline: 1s }", "compose/value", "is not shorter than the deadline")]
    [InlineData("deploy: { strategy: canary }", "compose/value", "is not one of rolling, blue-green, recreate")]
    [InlineData("deploy: { surge: 0 }", "compose/value", "from 1 to 100")]
    [InlineData("deploy: { keep: -1 }", "compose/value", "from 0 to 100")]
    [InlineData("deploy: { drain: 2h }", "compose/value", "is longer than 1h")]
    [InlineData("deploy: { strategy: recreate, surge: 2 }", "compose/value", "surge is for the strategy rolling")]
    [InlineData("release: ''", "compose/value", "must not be empty")]
    [InlineData("release: 'a | b'", "compose/value", "| needs a shell")]
    [InlineData("source: { url: 'ext::sh -c x' }", "source/url", "is not the address of a Git repository")]
    [InlineData("source: { url: '--upload-pack=x' }", "source/url", "is not the address of a Git repository")]
    [InlineData("source: { ref: main }", "compose/value", "needs url")]
    [InlineData("source: { url: 'https://h/x', ref: '-x' }", "source/ref", "is not a branch, tag or commit")]
    [InlineData("source: { url: 'https://h/x', ref: a, branch: b }", "compose/value", "has ref and branch")]
    [InlineData("source: { url: 'https://h/x', path: ../y }", "source/path", "is not a path inside the source")]
    public void A_wrong_extension_is_refused(string body, string code, string message)
    {
        var problem = A.Problem($"services: {{ web: {{ build: ., x-wherry: {{ {body} }} }} }}");

        Assert.Equal(code, problem.Code);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_service_that_binds_a_host_port_cannot_overlap_with_its_successor()
    {
        Assert.Contains("host port 80/udp is bound", A.WebProblem("ports: ['80:80/udp']\nx-wherry: { deploy: { strategy: rolling } }").Message, StringComparison.Ordinal);
        Assert.Equal(DeployStrategy.Rolling, A.Web("ports: ['80:80']\nx-wherry: { deploy: { strategy: rolling } }").Deploy.Strategy);
        Assert.Null(A.Web("ports: ['80:80']").Deploy.Strategy);
    }

    [Fact]
    public void A_source_and_an_image_exclude_each_other() =>
        Assert.Contains("has a source but runs an image", A.WebProblem("x-wherry: { source: { url: 'https://h/x' } }").Message, StringComparison.Ordinal);
}
