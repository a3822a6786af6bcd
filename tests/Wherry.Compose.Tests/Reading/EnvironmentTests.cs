namespace Wherry.Compose.Tests.Reading;

public sealed class EnvironmentTests
{
    [Fact]
    public void DC_013_Environment_wins_over_env_file_and_a_later_file_over_an_earlier_one()
    {
        var web = A.Web(
            "env_file: [one.env, two.env]\nenvironment: { C: environment }",
            null,
            ("one.env", "A=one\nB=one\nC=one\n"),
            ("two.env", "B=two\nC=two\n"));

        Assert.Equal(new Dictionary<string, string> { ["A"] = "one", ["B"] = "two", ["C"] = "environment" }, web.Environment);
    }

    [Fact]
    public void DP_015_The_environments_variables_win_over_the_dotenv_of_the_source()
    {
        var web = A.Web("environment: { A: $A, B: $B }", A.Vars(("A", "environment")), (".env", "A=dotenv\nB=dotenv\n"));

        Assert.Equal(new Dictionary<string, string> { ["A"] = "environment", ["B"] = "dotenv" }, web.Environment);
    }

    [Fact]
    public void UC_017_The_dotenv_of_the_source_is_used_and_may_refer_to_the_environments_variables()
    {
        var web = A.Web("user: $WHO", A.Vars(("NAME", "outer")), (".env", "NAME=inner\nWHO=\"$NAME-x\"\n"));

        Assert.Equal("outer-x", web.User);
    }

    [Fact]
    public void UC_017_A_dotenv_that_cannot_be_read_is_a_problem()
    {
        var problem = A.WebProblem("user: root", null, (".env", "A=1\nB='x\n"));

        Assert.Equal("compose/env-file", problem.Code);
        Assert.Equal("compose.yaml:1:1 .env:2 B: the quote opened on line 2 is not closed", problem.Message);
    }

    [Theory]
    [InlineData("environment:\n  - NAME")]
    [InlineData("environment:\n  NAME:")]
    [InlineData("environment:\n  NAME: null")]
    public void A_name_without_value_takes_the_variable_and_is_absent_when_there_is_none(string body)
    {
        Assert.Equal("v", A.Web(body, A.Vars(("NAME", "v"))).Environment["NAME"]);
        Assert.Empty(A.Web(body).Environment);
        Assert.Empty(A.Web("env_file: a.env\n" + body, null, ("a.env", "NAME=file")).Environment);
    }

    [Fact]
    public void KM_009_Clear_values_and_secrets_with_quotes_and_non_ASCII_arrive_as_they_are()
    {
        const string secret = "pa'ss\"w\\ör$d ${X}\n#🚢";
        var web = A.Web("environment:\n  CLEAR: plain\n  LIST: 'a=b'\n  SECRET: ${SECRET}\n  IN_URL: 'x://${SECRET}@db'", A.Vars(("SECRET", secret)));

        Assert.Equal("plain", web.Environment["CLEAR"]);
        Assert.Equal(secret, web.Environment["SECRET"]);
        Assert.Equal($"x://{secret}@db", web.Environment["IN_URL"]);
    }

    [Fact]
    public void A_list_entry_is_cut_at_its_first_equals_sign() =>
        Assert.Equal(
            new Dictionary<string, string> { ["A"] = "b=c", ["EMPTY"] = "", ["P"] = "1.10" },
            A.Web("environment:\n  - A=b=c\n  - EMPTY=\n  - P=1.10").Environment);

    [Theory]
    [InlineData("environment:\n  - A: b", "compose.yaml:5:9 services.web.environment[0]: must be name=value but is a mapping")]
    [InlineData("environment:\n  A: [b]", "compose.yaml:5:10 services.web.environment.A: must be a single value but is a list")]
    [InlineData("environment: A=b", "compose.yaml:4:18 services.web.environment: must be a mapping or a list of name=value but is a string")]
    [InlineData("environment:\n  - =b", "compose.yaml:5:9 services.web.environment[0]: \"\" is not a name")]
    public void A_wrong_shape_is_reported_at_its_place(string body, string message)
    {
        var problem = A.WebProblem(body);

        Assert.Equal("compose/value", problem.Code);
        Assert.Equal(message, problem.Message);
    }

    [Fact]
    public void A_problem_shows_what_the_file_says_and_not_the_value_of_a_variable()
    {
        var problem = A.WebProblem(
            """
            mem_limit: ${SECRET}
            restart: $SECRET
            ports: ['$SECRET', '80:${SECRET}/$SECRET']
            expose: ['1-$SECRET']
            volumes: ['$SECRET:/x', '/x:$SECRET', '/x:/y:$SECRET', '$SECRET']
            tmpfs: '/t:$SECRET'
            networks: [$SECRET]
            secrets: [$SECRET]
            extra_hosts: ['$SECRET']
            stop_grace_period: $SECRET
            build: { context: '/${SECRET}', cache_from: ['$SECRET A'] }
            depends_on: ['$SECRET']
            environment: ['=$SECRET']
            command: "$SECRET'"
            x-wherry: { routes: ['$SECRET!/x', { host: '$SECRET!', path: $SECRET, port: 1 }], source: { url: $SECRET, ref: '-$SECRET' }, health: { path: $SECRET, port: $SECRET } }
            """,
            A.Vars(("SECRET", "hunter2")));

        Assert.DoesNotContain("hunter2", problem.Message, StringComparison.Ordinal);
        Assert.StartsWith("compose.yaml has 27 problems:", problem.Message, StringComparison.Ordinal);
    }
}
