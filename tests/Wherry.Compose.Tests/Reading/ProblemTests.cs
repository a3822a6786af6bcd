namespace Wherry.Compose.Tests.Reading;

public sealed class ProblemTests
{
    [Fact]
    public void UC_018_All_problems_of_a_file_are_told_at_once_with_line_and_column()
    {
        var problem = A.Problem("""
            services:
              web:
                image: nginx
                prots: ["80:80"]
                external_links: [other]
                volumes:
                  - ~/src:/app
                stop_grace_period: 30
              db:
                image: postgres
                credential_spec: { file: x }
                depends_on: [cache]
            volume:
              data:
            """);

        Assert.Equal("compose/invalid", problem.Code);
        Assert.Equal(
            [
                "compose.yaml has 7 problems:",
                "compose.yaml:4:5 services.web.prots: unknown key; did you mean \"ports\"?",
                "compose.yaml:5:5 services.web.external_links: external_links is not supported: share a network with external: true instead (Remove the key.)",
                "compose.yaml:7:9 services.web.volumes[0]: \"~/src\" is in the home of whoever starts Compose, and that does not exist on a server (Put the files into the source and write a path relative to the Compose file, or use a named volume.)",
                "compose.yaml:8:24 services.web.stop_grace_period: must be a duration but is \"30\" (Write it with its unit, for instance 30s, 1m30s or 500ms.)",
                "compose.yaml:11:5 services.db.credential_spec: credential_spec is not supported: it is for Windows containers (Remove the key.)",
                "compose.yaml:12:18 services.db.depends_on[0]: there is no service \"cache\" (Name a service of this file.)",
                "compose.yaml:13:1 volume: unknown key; did you mean \"volumes\"?",
            ],
            problem.Message.Split('\n'));
    }

    [Fact]
    public void One_problem_keeps_its_own_code_and_hint()
    {
        var problem = A.WebProblem("prots: [80]");

        Assert.Equal("compose/unknown-key", problem.Code);
        Assert.Equal("compose.yaml:4:5 services.web.prots: unknown key; did you mean \"ports\"?", problem.Message);
        Assert.NotEmpty(problem.Hint);
    }

    [Theory]
    [InlineData("x-wherry: {}\nservices: { web: { image: x } }", "compose.yaml:1:1 x-wherry: unknown key")]
    [InlineData("services: { web: { image: x, build: { contex: . } } }", "services.web.build.contex: unknown key; did you mean \"context\"?")]
    [InlineData("services: { web: { image: x, Image: y } }", "services.web.Image: unknown key; did you mean \"image\"?")]
    [InlineData("services: { web: { image: x, env-file: y } }", "services.web.env-file: unknown key; did you mean \"env_file\"?")]
    [InlineData("services: { web: { image: x, healthcheck: { test: x, foo: 1 } } }", "services.web.healthcheck.foo: unknown key")]
    [InlineData("services: { web: { image: x, deploy: { resources: { limits: { ram: 1 } } } } }", "services.web.deploy.resources.limits.ram: unknown key")]
    [InlineData("services: { web: { image: x, deploy: { replica: 1 } } }", "did you mean \"replicas\"?")]
    [InlineData("services: { web: { image: x } }\nvolumes: { a: { size: 1 } }", "volumes.a.size: unknown key")]
    [InlineData("services: { web: { image: x } }\nnetworks: { a: { intern: true } }", "did you mean \"internal\"?")]
    [InlineData("servces: { web: { image: x } }\nservices: { web: { image: x } }", "did you mean \"services\"?")]
    public void An_unknown_key_is_refused_wherever_it_stands(string text, string message)
    {
        var problem = A.Problem(text);

        Assert.Equal("compose/unknown-key", problem.Code);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("external_links: [db]")]
    [InlineData("cpu_count: 2")]
    [InlineData("use_api_socket: true")]
    [InlineData("deploy: { placement: { constraints: [a] } }")]
    [InlineData("deploy: { resources: { reservations: { generic_resources: [{ discrete_resource_spec: { kind: a } }] } } }")]
    public void A_key_that_cannot_be_honoured_is_refused_with_the_reason(string body)
    {
        var problem = A.WebProblem(body);

        Assert.Equal("compose/unsupported-key", problem.Code);
        Assert.Contains("is not supported: ", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unsupported_key_that_only_repeats_the_default_is_fine() =>
        Assert.Empty(A.Read(A.WebFile("privileged: false\ntty: false\ndns: []\nlogging: {}\nhostname:\nplatform: \nlinks: []\ndevices:")).Warnings);

    [Fact]
    public void A_key_without_effect_warns()
    {
        var warning = Assert.Single(A.Read(A.WebFile("develop: { watch: [{ path: ., action: rebuild }] }")).Warnings);

        Assert.Equal("compose/no-effect", warning.Code);
        Assert.StartsWith("compose.yaml:4:5 services.web.develop: ", warning.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("services:", "compose/no-service")]
    [InlineData("name: x", "compose/no-service")]
    [InlineData("services: {}", "compose/no-service")]
    [InlineData("services: [web]", "compose/value")]
    [InlineData("services: { web: }", "compose/value")]
    [InlineData("services: { web: nginx }", "compose/value")]
    [InlineData("services: { ../web: { image: x } }", "service/name")]
    [InlineData("services: { web: { image: x } }\nname: ../x", "project/name")]
    [InlineData("services: { web: { image: x } }\nvolumes: { ../x: }", "compose/value")]
    public void A_file_that_says_nothing_useful_is_refused(string text, string code) => Assert.Equal(code, A.Problem(text).Code);

    [Fact]
    public void A_flood_of_problems_is_cut_and_counted()
    {
        var problem = A.WebProblem(string.Join('\n', Enumerable.Range(0, 80).Select(i => $"unknown_thing_{i}: 1")));

        Assert.StartsWith("compose.yaml has 80 problems:", problem.Message, StringComparison.Ordinal);
        Assert.EndsWith("\nand 30 more", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_many_services_are_refused() =>
        Assert.Equal("compose/too-large", A.Problem("services:\n" + string.Concat(Enumerable.Range(0, 501).Select(i => $"  s{i}: {{ image: x }}\n"))).Code);

    [Fact]
    public void A_variable_that_is_missing_is_told_once_and_not_as_a_wrong_value_too() =>
        Assert.Equal("compose/variable-missing", A.WebProblem("ports: ['${P:?say which}']\nmem_limit: 1g").Code);
}
