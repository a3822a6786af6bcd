namespace Wherry.Compose.Tests.Merging;

public sealed class IncludeTests
{
    private const string Db = "services: { db: { image: 'postgres:${PG:-1}', build: ., env_file: db.env, volumes: ['data:/data'] } }\nvolumes: { data: }\n";

    [Theory]
    [InlineData("[db/compose.yaml]")]
    [InlineData("[{ path: db/compose.yaml }]")]
    [InlineData("[{ path: [db/compose.yaml] }]")]
    public void DC_17_What_is_included_is_the_projects_own_with_its_own_folder(string include)
    {
        var result = A.Read($"include: {include}\nservices: {{ web: {{ image: x, depends_on: [db] }} }}\n", null, ("db/compose.yaml", Db), ("db/db.env", "A=1"), ("db/.env", "PG=17"));
        var db = A.Service(result.Model, "db");

        Assert.Equal(("postgres:17", "db", "1"), (db.Image?.Value, db.Build!.Context.Value, db.Environment["A"]));
        Assert.Contains("data", result.Model.Volumes.Keys);
        Assert.Equal(2, result.Model.Services.Count);
    }

    [Fact]
    public void DC_17_Variables_come_from_the_project_first_then_from_the_included_folder_and_stay_there()
    {
        var result = A.Read(
            "include: [sub/c.yaml]\nservices: { web: { image: 'x:${ONLY:-none}', environment: [ONLY, OWN] } }\n",
            A.Vars(("GIVEN", "project")),
            (".env", "OWN=root"),
            ("sub/.env", "GIVEN=sub\nOWN=sub\nONLY=sub\nJOINED=$OWN-$ONLY"),
            ("sub/c.yaml", "services: { inner: { image: x, environment: { G: $GIVEN, O: $OWN, Y: $ONLY, J: $JOINED, ONLY: } } }"));

        Assert.Equal(["G=project", "J=root-sub", "O=root", "ONLY=sub", "Y=sub"], A.Service(result.Model, "inner").Environment.Select(e => $"{e.Key}={e.Value}"));
        Assert.Equal("x:none", A.Service(result.Model, "web").Image?.Value);
        Assert.Equal(["OWN=root"], A.Service(result.Model, "web").Environment.Select(e => $"{e.Key}={e.Value}"));
    }

    [Fact]
    public void DC_17_The_long_form_says_folder_and_variables()
    {
        var result = A.Read(
            "include: [{ path: [sub/c.yaml, over.yaml], project_directory: other, env_file: [one.env, two.env] }]\nservices: { web: { image: x } }\n",
            null,
            ("sub/c.yaml", "services: { inner: { build: ., environment: { A: $A, B: $B } } }"),
            ("over.yaml", "services: { inner: { build: { target: t } } }"),
            ("other/.env", "A=unread"),
            ("one.env", "A=1"),
            ("two.env", "A=2\nB=2"));
        var inner = A.Service(result.Model, "inner");

        Assert.Equal(("other", "t"), (inner.Build!.Context.Value, inner.Build.Target));
        Assert.Equal(["A=2", "B=2"], inner.Environment.Select(e => $"{e.Key}={e.Value}"));
    }

    [Fact]
    public void Dev_null_turns_the_variables_of_the_folder_off() =>
        Assert.Equal("x:none", A.Service(A.Read("include: [{ path: sub/c.yaml, env_file: /dev/null }]", null, ("sub/c.yaml", "services: { inner: { image: 'x:${A:-none}' } }"), ("sub/.env", "A=1")).Model, "inner").Image?.Value);

    [Fact]
    public void Included_files_include_others_and_extend_in_their_folders()
    {
        var model = A.Read("include: [a/c.yaml]\nservices: { web: { image: x } }", null, ("a/c.yaml", "include: [b/c.yaml]\nservices: { one: { extends: { file: base.yaml, service: s } } }"), ("a/base.yaml", "services: { s: { build: here } }"), ("a/b/c.yaml", "services: { two: { build: there } }")).Model;

        Assert.Equal(("a/here", "a/b/there"), (A.Service(model, "one").Build!.Context.Value, A.Service(model, "two").Build!.Context.Value));
    }

    [Fact]
    public void An_override_file_is_merged_over_what_is_included()
    {
        var model = ComposeReader.Read(new()
        {
            Text = "include: [db/compose.yaml]\nservices: { web: { image: x } }\n",
            Overrides = ["over.yaml"],
            Files = InMemoryFiles.Of([("db/compose.yaml", Db), ("db/db.env", "A=1"), ("over.yaml", "services: { db: { image: mine, env_file: !reset [] } }")]),
        }).Model;

        Assert.Equal("mine", A.Service(model, "db").Image?.Value);
        Assert.Empty(A.Service(model, "db").Environment);
        Assert.Equal("db", A.Service(model, "db").Build!.Context.Value);
    }

    [Fact]
    public void The_same_name_twice_is_a_conflict_unless_both_say_the_same()
    {
        const string sub = "services: { db: { image: a } }\nnetworks: { back: { internal: true } }\n";
        var problem = A.Problem("include: [sub.yaml]\nservices: { db: { image: b } }\n", null, ("sub.yaml", sub));

        Assert.Equal("compose/include-conflict", problem.Code);
        Assert.StartsWith("sub.yaml:1:13 services.db: stands in compose.yaml:2:", problem.Message, StringComparison.Ordinal);
        Assert.Single(A.Read("include: [sub.yaml]\nservices: { db: { image: a } }\nnetworks: { back: { internal: true } }\n", null, ("sub.yaml", sub)).Model.Services);
    }

    [Theory]
    [InlineData("[gone.yaml]", "compose/file-missing", "compose.yaml:1:11 include[0]: \"gone.yaml\" is not in the source")]
    [InlineData("[../out.yaml]", "source/path", "leads out of the source")]
    [InlineData("[https://example.com/c.yaml]", "compose/unsupported-key", "another machine")]
    [InlineData("[self.yaml]", "compose/cycle", "self.yaml:1:11 include[0]: includes itself: self.yaml -> self.yaml")]
    [InlineData("[one.yaml]", "compose/cycle", "includes itself: one.yaml -> two.yaml -> one.yaml")]
    [InlineData("[{ file: a }]", "compose/invalid", "needs path")]
    [InlineData("[{ path: ok.yaml, env_file: gone.env }]", "compose/file-missing", "\"gone.env\" is not in the source")]
    [InlineData("[{ path: ok.yaml, env_file: bad.env }]", "compose/env-file", "bad.env:2 ")]
    [InlineData("sub.yaml", "compose/value", "must be a list")]
    [InlineData("[wrong.yaml]", "compose/value", "wrong.yaml:1:38 services.inner.cpus:")]
    public void What_is_wrong_is_told_where_it_stands(string include, string code, string part)
    {
        var problem = A.Problem(
            $"include: {include}\nservices: {{ web: {{ image: x }} }}\n",
            null,
            ("self.yaml", "include: [self.yaml]"),
            ("one.yaml", "include: [two.yaml]"),
            ("two.yaml", "include: [one.yaml]"),
            ("ok.yaml", "services: { inner: { image: x } }"),
            ("wrong.yaml", "services: { inner: { image: x, cpus: many } }"),
            ("bad.env", "A=1\n=2\n"));

        Assert.Equal(code, problem.Code);
        Assert.Contains(part, problem.Message, StringComparison.Ordinal);
    }
}
