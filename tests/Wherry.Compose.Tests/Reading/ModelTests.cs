using System.Text;
using Wherry.Core.Model;

namespace Wherry.Compose.Tests.Reading;

public sealed class ModelTests
{
    private const string Services = "services:\n  a: { image: x }\n  b: { image: x }\n  c: { image: x, profiles: [debug] }\n  web:\n    image: x\n    ";

    [Fact]
    public void Dependencies_are_read_as_a_list_and_with_their_conditions()
    {
        Assert.Equal([new(ServiceName.Parse("a"), DependencyCondition.Started), new Dependency(ServiceName.Parse("b"), DependencyCondition.Started)], Web("depends_on: [a, b, a]").DependsOn);
        Assert.Equal(
            [new(ServiceName.Parse("a"), DependencyCondition.Healthy, Required: false), new Dependency(ServiceName.Parse("b"), DependencyCondition.CompletedSuccessfully, Restart: true)],
            Web("depends_on: { a: { condition: service_healthy, required: false }, b: { condition: service_completed_successfully, restart: true } }").DependsOn);
    }

    [Theory]
    [InlineData("depends_on: [gone]", "compose/undefined-reference", "there is no service \"gone\"")]
    [InlineData("depends_on: [c]", "compose/undefined-reference", "is not active")]
    [InlineData("depends_on: { gone: { condition: service_started, required: false } }", "compose/undefined-reference", "there is no service \"gone\"")]
    [InlineData("depends_on: { a: { condition: started } }", "compose/value", "is not one of service_started")]
    [InlineData("depends_on: [web]", "compose/cycle", "web -> web")]
    [InlineData("networks: [gone]", "compose/undefined-reference", "the network \"gone\"")]
    [InlineData("secrets: [gone]", "compose/undefined-reference", "the secret \"gone\"")]
    [InlineData("configs: [gone]", "compose/undefined-reference", "the config \"gone\"")]
    public void A_reference_to_nothing_is_refused_at_its_place(string body, string code, string message)
    {
        var problem = A.Problem(Services + body);

        Assert.Equal(code, problem.Code);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cycle_is_named_as_it_runs()
    {
        var problem = A.Problem("""
            services:
              start: { image: x, depends_on: [a] }
              a: { image: x, depends_on: [b, leaf] }
              b: { image: x, depends_on: [c] }
              c: { image: x, depends_on: [a] }
              leaf: { image: x }
            """);

        Assert.Equal("compose/cycle", problem.Code);
        Assert.EndsWith("depends on itself: a -> b -> c -> a", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_inactive_service_is_absent_and_a_profile_brings_it_in()
    {
        var input = A.Input(Services + "depends_on: { c: { condition: service_started, required: false } }");

        Assert.Equal(["a", "b", "web"], Names(input));
        Assert.Empty(A.Service(ComposeReader.Read(input).Model, "web").DependsOn);
        Assert.Equal(["a", "b", "c", "web"], Names(input with { Profiles = ["debug"] }));
        Assert.Equal(["a", "b", "c", "web"], Names(input with { Profiles = ["*"] }));
        Assert.Equal(["a", "b", "c", "web"], Names(input with { Variables = A.Vars(("COMPOSE_PROFILES", "x, debug")) }));
    }

    [Fact]
    public void An_inactive_service_may_use_what_cannot_run_here_but_must_be_written_rightly()
    {
        const string text = "services:\n  web: { image: x }\n  dev:\n    image: x\n    profiles: [dev]\n    volumes: ['~/src:/app']\n    cpu_count: 2\n    env_file: gone.env\n    ";

        Assert.Single(A.Model(text).Services);
        Assert.Equal("compose/unknown-key", A.Problem(text + "prots: [80]\n").Code);
        Assert.Equal("compose/invalid", Assert.Throws<Wherry.Core.Problems.ProblemException>(() => ComposeReader.Read(A.Input(text) with { Profiles = ["dev"] })).Problem.Code);
    }

    [Fact]
    public void A_service_that_others_wait_for_to_complete_runs_once_unless_it_says_otherwise()
    {
        const string text = "services:\n  web: { image: x, depends_on: { migrate: { condition: service_completed_successfully } } }\n  migrate: { image: x";

        Assert.Equal(RestartCondition.No, A.Service(A.Model(text + " }"), "migrate").Restart.Condition);
        Assert.Equal(RestartCondition.OnFailure, A.Service(A.Model(text + ", restart: on-failure }"), "migrate").Restart.Condition);
    }

    [Fact]
    public void Networks_are_read()
    {
        var model = A.Model("""
            services:
              web:
                image: x
                networks:
                  front: { aliases: [www], ipv4_address: 10.1.0.5 }
                  back:
              db: { image: x, networks: [back] }
            networks:
              front: { name: shared, external: true }
              back: { internal: true, driver: bridge, driver_opts: { mtu: 1400 }, labels: { a: b } }
            """);

        Assert.Equal(["back", "front"], A.Service(model, "web").Networks.Keys);
        Assert.Equal(["www"], A.Service(model, "web").Networks["front"].Aliases);
        Assert.Equal("10.1.0.5", A.Service(model, "web").Networks["front"].Ipv4Address);
        Assert.Equal(["back"], A.Service(model, "db").Networks.Keys);
        Assert.Equal(["back", "default", "front"], model.Networks.Keys);
        Assert.True(model.Networks["front"] is { External: true, ExplicitName: "shared" });
        Assert.True(model.Networks["back"] is { Internal: true, Driver: "bridge" });
        Assert.Equal("1400", model.Networks["back"].DriverOptions["mtu"]);
    }

    [Fact]
    public void Secrets_and_configs_become_files()
    {
        const string text = """
            services:
              web:
                image: x
                secrets: [token, { source: key, target: tls.key, uid: "1000", gid: 1001, mode: 0440 }]
                configs: [site, { source: inline, target: /etc/app.conf, mode: "0600" }]
            secrets:
              token: { environment: TOKEN }
              key: { file: ./key.pem }
            configs:
              site: { file: site.conf }
              inline: { content: "host=${HOST}" }
            """;

        var files = A.Service(A.Read(text, A.Vars(("TOKEN", "t\n"), ("HOST", "h")), ("key.pem", "k"), ("site.conf", "$s")).Model, "web").Files;

        Assert.Equal(
            [
                ("/run/secrets/token", "t\n", 0x124, 0, 0, true),
                ("/run/secrets/tls.key", "k", 0x120, 1000, 1001, true),
                ("/site", "$s", 0x124, 0, 0, false),
                ("/etc/app.conf", "host=h", 0x180, 0, 0, false),
            ],
            files.Select(f => (f.Target, Encoding.UTF8.GetString(f.Content), f.Mode, f.Uid, f.Gid, f.Secret)));
    }

    [Theory]
    [InlineData("{ file: gone }", "compose/file-missing")]
    [InlineData("{ file: ../x }", "source/path")]
    [InlineData("{ environment: GONE }", "compose/variable-missing")]
    [InlineData("{ external: true }", "compose/unsupported-key")]
    [InlineData("{ file: a, environment: B }", "compose/value")]
    [InlineData("{ content: x }", "compose/invalid")]
    [InlineData("{}", "compose/value")]
    [InlineData("text", "compose/value")]
    public void A_wrong_secret_is_refused(string source, string code) =>
        Assert.Equal(code, A.Problem($"services: {{ web: {{ image: x, secrets: [s] }} }}\nsecrets: {{ s: {source} }}\n").Code);

    [Fact]
    public void A_secret_that_nobody_uses_need_not_be_there() =>
        Assert.Single(A.Model("services: { web: { image: x } }\nsecrets: { s: { file: gone } }\n").Services);

    [Fact]
    public void Name_version_and_extensions_of_others_are_accepted()
    {
        var result = A.Read("name: shop\nversion: '3.8'\nx-logging: { a: [b] }\nservices: { web: { image: x, x-other: 1, build: { context: ., x-bake: {} } } }\n");

        Assert.Equal("shop", result.Model.Name?.Value);
        Assert.Empty(result.Warnings);
    }

    private static ServiceSpec Web(string body) => A.Service(A.Model(Services + body), "web");

    private static IEnumerable<string> Names(ComposeInput input) => ComposeReader.Read(input).Model.Services.Keys.Select(n => n.Value);
}
