using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using Wherry.Compose.Yaml;
using Wherry.Core.Model;
using Wherry.Core.Routing;

namespace Wherry.Compose.Tests.XWherry;

/// <summary>The annotated example and the schema are the reference: they must say what the reader does.</summary>
public sealed class ReferenceTests
{
    private static readonly string Example = File.ReadAllText(Docs("wherry.example.yml"));
    private static readonly JsonElement Schema = JsonDocument.Parse(File.ReadAllText(Docs("x-wherry.schema.json"))).RootElement;

    public static TheoryData<Type, string> Specs => new()
    {
        { typeof(Route), "route" },
        { typeof(TcpRoute), "tcp" },
        { typeof(HealthSpec), "health" },
        { typeof(TlsSettings), "tls" },
        { typeof(ReadersRule), "readers" },
        { typeof(OutlierRule), "outliers" },
        { typeof(DeploySpec), "deploy" },
        { typeof(CanarySpec), "canary" },
        { typeof(CanaryGuard), "canaryGuard" },
        { typeof(CanaryMirror), "canaryMirror" },
        { typeof(GitSource), "source" },
    };

    [Fact]
    public void The_example_is_read_without_a_problem_or_a_warning()
    {
        var result = A.Read(Example, A.Vars(("DB_PASSWORD", "p$w")), ("errors/503.html", "<p>{{message}}</p>"));

        Assert.Empty(result.Warnings);
        Assert.Equal(["blog", "cache", "db", "web", "worker"], result.Model.Services.Keys.Select(n => n.Value));
    }

    [Fact]
    public void The_shop_among_the_examples_is_read_without_a_problem_or_a_warning()
    {
        var text = File.ReadAllText(Docs(Path.Combine("..", "examples", "shop", "compose.yaml")));
        var result = A.Read(text, A.Vars(("POSTGRES_PASSWORD", "p"), ("SESSION_SECRET", "s")));

        Assert.Empty(result.Warnings);
        Assert.Equal("shop.localhost", Assert.Single(A.Service(result.Model, "web").Routes).Host?.Value);
    }

    [Fact]
    public void What_the_example_calls_a_default_is_one()
    {
        var model = A.Read(Example, A.Vars(("DB_PASSWORD", "p")), ("errors/503.html", "<p>{{message}}</p>")).Model;
        var web = A.Service(model, "web");
        var (health, deploy) = (new HealthSpec(), new DeploySpec());

        Assert.Equal((health.Interval, health.Timeout, health.Deadline), (web.Health!.Interval, web.Health.Timeout, web.Health.Deadline));
        Assert.Equal(deploy with { Strategy = DeployStrategy.Rolling }, web.Deploy);
        Assert.Equal(new Route(HostName.Parse("*.shop.example.com"), PathPrefix.Root, 3000), web.Routes[1]);
    }

    [Theory]
    [MemberData(nameof(Specs))]
    public void Every_property_stands_in_the_schema_and_in_the_example(Type spec, string definition)
    {
        var names = Names(spec).ToList();
        var described = Schema.GetProperty("$defs").GetProperty(definition).GetProperty("properties");

        Assert.NotEmpty(names);
        Assert.All(names, name => Assert.True(described.TryGetProperty(name, out _), $"{definition}.{name} is not in the schema"));
        Assert.All(names, name => Assert.Matches(new Regex($@"\b{name}:"), Example));
    }

    [Fact]
    public void Every_rule_of_a_service_stands_in_the_schema_and_in_the_example() => Assert.All(Names(typeof(ServiceRules)), name =>
    {
        Assert.True(Schema.GetProperty("properties").TryGetProperty(name, out _), $"{name} is not in the schema");
        Assert.Matches(new Regex($@"\b{name}:"), Example);
    });

    [Theory]
    [MemberData(nameof(Specs))]
    public void Every_property_of_the_schema_is_known_to_the_reader(Type spec, string definition)
    {
        var known = Names(spec).Append("branch").ToList();

        Assert.All(Schema.GetProperty("$defs").GetProperty(definition).GetProperty("properties").EnumerateObject(), p => Assert.Contains(p.Name, known));
    }

    [Fact]
    public void Every_extension_of_the_example_satisfies_the_schema()
    {
        var root = YamlTree.Parse(Example, "wherry.example.yml", new SpecErrors("wherry.example.yml"));
        var extensions = ((YamlMap)root.Find("services")!.Value).Entries.Select(s => ((YamlMap)s.Value).Find("x-wherry")?.Value).OfType<YamlNode>().ToList();

        Assert.Equal(4, extensions.Count);
        Assert.All(extensions, extension => Assert.Empty(new SchemaCheck(Schema).Check(extension)));
    }

    [Theory]
    [InlineData("{ routes: [{ port: 80, hots: a }] }")]
    [InlineData("{ routes: [{ port: '80' }] }")]
    [InlineData("{ routes: [{ port: 70000 }] }")]
    [InlineData("{ routes: ['https://x'] }")]
    [InlineData("{ routes: [{ host: a.b, port: 80 }], tls: letsencrypt }")]
    [InlineData("{ routes: [{ host: a.b, port: 80 }], tls: { source: internal, redirct: false } }")]
    [InlineData("{ routes: [{ host: a.b, port: 80 }], tls: { redirect: maybe } }")]
    [InlineData("{ routes: ['*.a.b'], tls: { on_demand: allowed } }")]
    [InlineData("{ routes: [{ host: a.b, port: 80 }], canonical_host: 'https://a.b' }")]
    [InlineData("{ error_pages: [503.html] }")]
    [InlineData("{ balance: random }")]
    [InlineData("{ readers: { writers: 0 } }")]
    [InlineData("{ outliers: { panic_below: 101 } }")]
    [InlineData("{ routes: [{ port: 80, retries: 4 }] }")]
    [InlineData("{ routes: [{ port: 80, protocol: h3 }] }")]
    [InlineData("{ tcp: [{ port: 5432 }] }")]
    [InlineData("{ tcp: ['5432:'] }")]
    [InlineData("{ tcp: [0] }")]
    [InlineData("{ tcp: [{ listen: 5432, send_proxy: 3 }] }")]
    [InlineData("{ tcp: [{ listen: 5432, max_connections: 0 }] }")]
    [InlineData("{ tcp: [{ listen: 5432, silent_for: 60 }] }")]
    [InlineData("{ health: { interval: 30 } }")]
    [InlineData("{ deploy: { strategy: canary } }")]
    [InlineData("{ deploy: { surge: 0 } }")]
    [InlineData("{ routes: [{ host: a.b, port: 80 }], canary: { stages: [5] } }")]
    [InlineData("{ routes: [{ host: a.b, port: 80 }], canary: { stages: 5%, guard: { errors: many } } }")]
    [InlineData("{ routes: [{ host: a.b, port: 80 }], canary: { stages: 5%, cookie: a, header: b } }")]
    [InlineData("{ routes: [{ host: a.b, port: 80 }], canary: { cookie: a } }")]
    [InlineData("{ release: [] }")]
    [InlineData("{ source: { ref: main } }")]
    [InlineData("{ source: { url: u, ref: a, branch: b } }")]
    [InlineData("{ unknown: 1 }")]
    public void What_the_schema_refuses_is_refused_by_the_reader_too(string extension)
    {
        var node = YamlTree.Parse($"x: {extension}", "x", new SpecErrors("x")).Entries[0].Value;

        Assert.NotEmpty(new SchemaCheck(Schema).Check(node));
        if (!extension.Contains("'80'", StringComparison.Ordinal)) // the reader also takes quoted numbers, as Compose does
        {
            A.Problem($"services: {{ web: {{ build: ., x-wherry: {extension} }} }}");
        }
    }

    [Theory]
    [InlineData("routes: [example.com]")]
    [InlineData("routes: [example.com], tls: true, canonical_host: example.com")]
    [InlineData("routes: [example.com], tls: uploaded")]
    [InlineData("routes: [example.com], tls: { source: internal, redirect: false }")]
    [InlineData("routes: ['*.example.com'], tls: { on_demand: /allowed }")]
    [InlineData("routes: [{ host: a.b, protocol: grpc }]")]
    [InlineData("tcp: [5432, '15432:5432', { listen: 6432, address: '::1', silent_for: 2d, send_proxy: 1 }]")]
    [InlineData("tls: false")]
    [InlineData("health: { path: /up }")]
    [InlineData("deploy: { strategy: recreate, drain: 0 }")]
    [InlineData("routes: [example.com], canary: { stages: [mirror 100% for 1h, 5% for 10m, 50 %, 100%], header: X-User, allow: [ann], guard: { errors: 0.5%, p95: 1s, restarts: 0, requests: 5 }, mirror: { max_body: 1m, methods: [POST] } }")]
    [InlineData("routes: [example.com], canary: { stages: 5%, guard: { errors: 1 } }")]
    [InlineData("release: bin/migrate")]
    [InlineData("source: { url: 'https://h/x', branch: main }")]
    public void What_the_reader_takes_satisfies_the_schema(string extension)
    {
        A.Model($"services: {{ web: {{ build: ., expose: [80], x-wherry: {{ {extension} }} }} }}");

        Assert.Empty(new SchemaCheck(Schema).Check(YamlTree.Parse($"x: {{ {extension} }}", "x", new SpecErrors("x")).Entries[0].Value));
    }

    [Fact]
    public void Defaults_in_the_schema_are_the_records_defaults()
    {
        var definitions = Schema.GetProperty("$defs");
        string Default(string definition, string name) => definitions.GetProperty(definition).GetProperty("properties").GetProperty(name).GetProperty("default").ToString();
        static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds}s");

        Assert.Equal(Seconds(new HealthSpec().Interval), Default("health", "interval"));
        Assert.Equal(Seconds(new HealthSpec().Timeout), Default("health", "timeout"));
        Assert.Equal(Seconds(new HealthSpec().Deadline), Default("health", "deadline"));
        Assert.Equal(new TlsSettings().Source.ToString().ToLowerInvariant(), Default("tls", "source"));
        Assert.Equal(new TlsSettings().Redirect, bool.Parse(Default("tls", "redirect")));
        Assert.Equal($"{new ReadersRule().Writers} {Seconds(new ReadersRule().Affinity)}", $"{Default("readers", "writers")} {Default("readers", "affinity")}");
        Assert.Equal($"{new OutlierRule().Failures} {Seconds(new OutlierRule().EjectFor)} {new OutlierRule().PanicBelow}", $"{Default("outliers", "failures")} {Default("outliers", "eject_for")} {Default("outliers", "panic_below")}");
        Assert.Equal(Seconds(new DeploySpec().Drain), Default("deploy", "drain"));
        Assert.Equal(new DeploySpec().Surge.ToString(CultureInfo.InvariantCulture), Default("deploy", "surge"));
        Assert.Equal(new TcpRoute(1, 1).SilentFor.TotalHours, int.Parse(Default("tcp", "silent_for").TrimEnd('h'), CultureInfo.InvariantCulture));
        Assert.Equal(new TcpRoute(1, 1).MaxConnections.ToString(CultureInfo.InvariantCulture), Default("tcp", "max_connections"));
        Assert.Equal(new DeploySpec().Keep.ToString(CultureInfo.InvariantCulture), Default("deploy", "keep"));
    }

    [Fact]
    public void The_page_names_every_key_that_is_read_and_every_problem()
    {
        var page = File.ReadAllText(Docs("compose.md"));
        var sources = Directory.GetFiles(Path.Combine(Docs(".."), "src", "Wherry.Compose"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText).ToList();
        var codes = sources.SelectMany(s => Regex.Matches(s, "\"((?:compose|source)/[a-z-]+)\"").Select(m => m.Groups[1].Value)).Distinct().ToList();
        var service = sources.Single(s => s.Contains("class ServiceReader", StringComparison.Ordinal));
        var keys = Regex.Matches(service, "f\\[\"([a-z_-]+)\"\\]").Select(m => m.Groups[1].Value).Distinct().ToList();

        Assert.True(codes.Count > 20 && keys.Count > 20);
        Assert.All(codes.Concat(keys), word => Assert.Contains($"`{word}`", page, StringComparison.Ordinal));
    }

    /// <summary>The rules of a route are keys of the route itself.</summary>
    private static IEnumerable<string> Names(Type spec) => spec.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .SelectMany(p => p.PropertyType == typeof(RouteRules) ? Names(typeof(RouteRules)) : [Snake(p.Name)]);

    private static string Snake(string name) => Regex.Replace(name, "(?<!^)([A-Z])", "_$1").ToLowerInvariant();

    private static string Docs(string name, [CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "docs", name));
}
