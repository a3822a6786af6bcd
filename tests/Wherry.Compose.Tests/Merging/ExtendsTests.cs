namespace Wherry.Compose.Tests.Merging;

public sealed class ExtendsTests
{
    [Theory]
    [InlineData("extends: base")]
    [InlineData("extends: { service: base }")]
    public void DC_17_A_service_is_merged_over_one_of_the_same_file(string extends)
    {
        var model = A.Model($"services:\n  base: {{ image: a, environment: {{ A: '1', B: '1' }}, command: x, expose: ['80'] }}\n  web:\n    {extends}\n    environment: [B=2]\n    command: y\n");
        var web = A.Service(model, "web");

        Assert.Equal("a", web.Image?.Value);
        Assert.Equal(["A=1", "B=2"], web.Environment.Select(e => $"{e.Key}={e.Value}"));
        Assert.Equal(["y"], web.Command!);
        Assert.Equal(["A=1", "B=1"], A.Service(model, "base").Environment.Select(e => $"{e.Key}={e.Value}"));
    }

    [Fact]
    public void DC_17_A_service_of_another_file_keeps_the_paths_of_its_own_folder()
    {
        var result = A.Read(
            "services: { web: { extends: { file: common/base.yaml, service: app }, env_file: own.env } }",
            null,
            ("common/base.yaml", "services:\n  app: { extends: { file: deep/deeper.yaml, service: app }, build: { target: t }, env_file: base.env }\n  other: { image: '${NOBODY:?asks}' }\n"),
            ("common/deep/deeper.yaml", "services: { app: { build: ., x-wherry: { error_pages: pages } } }"),
            ("common/deep/pages/503.html", "closed"),
            ("common/base.env", "A=base\nB=base"),
            ("own.env", "B=own"));
        var web = A.Service(result.Model, "web");

        Assert.Equal(("common/deep", "t"), (web.Build!.Context.Value, web.Build.Target));
        Assert.Equal(["A=base", "B=own"], web.Environment.Select(e => $"{e.Key}={e.Value}"));
        Assert.Equal("closed", web.Rules!.ErrorPages!["503"]);
        Assert.Single(result.Model.Services);
    }

    [Fact]
    public void A_chain_without_end_is_refused_before_it_costs_anything()
    {
        var services = string.Concat(Enumerable.Range(1, 300).Select(i => $"  s{i}: {{ extends: s{i + 1} }}\n"));

        Assert.Contains("more than 100 services extend one another", A.Problem($"services:\n{services}  s301: {{ image: a }}\n").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dependencies_are_taken_over_and_must_be_there()
    {
        const string basis = "services: { app: { image: a, depends_on: [db] } }";

        Assert.Equal("db", Assert.Single(A.Service(A.Read("services: { web: { extends: { file: b.yaml, service: app } }, db: { image: d } }", null, ("b.yaml", basis)).Model, "web").DependsOn).Service.Value);
        var problem = A.Problem("services: { web: { extends: { file: b.yaml, service: app } } }", null, ("b.yaml", basis));
        Assert.Equal("compose/undefined-reference", problem.Code);
        Assert.StartsWith("b.yaml:1:43 ", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_variable_of_the_base_belongs_to_the_service_that_extends_it()
    {
        var result = A.Read("services: { web: { extends: { file: b.yaml, service: app } }, worker: { extends: { file: b.yaml, service: app } } }", A.Vars(("TAG", "1")), ("b.yaml", "services: { app: { image: 'a:$TAG' } }"));

        Assert.Equal(["web", "worker"], result.Variables.Where(v => v.Name == "TAG").Select(v => v.Service!));
        Assert.Equal("a:1", A.Service(result.Model, "worker").Image?.Value);
    }

    [Fact]
    public void Reset_and_override_work_on_what_is_extended()
    {
        var web = A.Service(A.Model("services:\n  base: { image: a, ports: ['80:80'], expose: ['1'] }\n  web: { extends: base, ports: !reset [], expose: !override ['2'] }\n"), "web");

        Assert.Empty(web.Ports);
        Assert.Equal(2, Assert.Single(web.Expose).Port);
    }

    [Fact]
    public void Reset_and_override_of_a_service_that_extends_work_on_the_earlier_file_too()
    {
        var web = A.Service(
            ComposeReader.Read(new()
            {
                Text = "services: { web: { image: a, ports: ['80:80'], expose: ['1'], command: x } }",
                Overrides = ["over.yaml"],
                Files = InMemoryFiles.Of([("over.yaml", "services:\n  base: { expose: ['2'], image: b }\n  web: { extends: base, ports: !reset [], expose: !override ['3'] }\n  base2: !reset null\n")]),
            }).Model,
            "web");

        Assert.Empty(web.Ports);
        Assert.Equal(3, Assert.Single(web.Expose).Port);
        Assert.Equal(("b", "x"), (web.Image?.Value, web.Command![0]));
    }

    [Theory]
    [InlineData("services: { a: { extends: b }, b: { extends: a } }", "compose.yaml:a -> compose.yaml:b -> compose.yaml:a")]
    [InlineData("services: { a: { image: x, extends: a } }", "compose.yaml:a -> compose.yaml:a")]
    [InlineData("services: { a: { extends: { file: b.yaml, service: a } } }", "compose.yaml:a -> b.yaml:a -> compose.yaml:a")]
    public void A_cycle_is_told_with_its_path(string text, string path)
    {
        var problem = A.Problem(text, null, ("b.yaml", "services: { a: { extends: { file: compose.yaml, service: a } } }"), ("compose.yaml", text));

        Assert.True(problem.Code is "compose/cycle" or "compose/invalid", problem.Message);
        Assert.Contains($"extends itself: {path}", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("image", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("extends: gone", "compose/undefined-reference", "there is no service \"gone\" in compose.yaml")]
    [InlineData("extends: { file: b.yaml, service: gone }", "compose/undefined-reference", "there is no service \"gone\" in b.yaml")]
    [InlineData("extends: { file: gone.yaml, service: a }", "compose/file-missing", "\"gone.yaml\" is not in the source")]
    [InlineData("extends: { file: ../out.yaml, service: a }", "source/path", "leads out of the source")]
    [InlineData("extends: { file: b.yaml }", "compose/value", "needs service")]
    [InlineData("extends: [a]", "compose/value", "must be a string but is a list")]
    [InlineData("extends: { service: a, files: b.yaml }", "compose/unknown-key", "did you mean \"file\"")]
    [InlineData("extends: { file: 'https://example.com/b.yaml', service: a }", "compose/unsupported-key", "another machine")]
    [InlineData("extends: { file: broken.yaml, service: a }", "compose/yaml", "broken.yaml:")]
    public void What_is_wrong_is_told_alone_and_where_it_stands(string extends, string code, string part)
    {
        var problem = A.Problem($"services:\n  web:\n    {extends}\n  a: {{ image: x }}\n", null, ("b.yaml", "services: { a: { image: x } }"), ("broken.yaml", "services: ["));

        Assert.Equal(code, problem.Code);
        Assert.Contains(part, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Services_that_take_much_from_each_other_are_refused_before_they_are_large()
    {
        var many = string.Concat(Enumerable.Range(0, 400).Select(i => $"  s{i}: {{ image: x, expose: ['{i + 1}'], labels: [a{i}=1], {(i == 0 ? "" : $"extends: s{i - 1}")} }}\n"));
        var large = string.Concat(Enumerable.Range(0, 200).Select(i => $"  s{i}: {{ extends: base, environment: [B={i}] }}\n"));

        Assert.Equal("compose/too-large", A.Problem("services:\n" + many).Code);
        Assert.Equal("compose/too-large", A.Problem($"services:\n  base: {{ image: x, environment: ['A={new string('x', 500_000)}'] }}\n" + large).Code);
    }
}
