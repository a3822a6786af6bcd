using Wherry.Client;

namespace Wherry.Server.Tests.Deployments;

/// <summary>Variables reach who names them, as they were given; secrets reach nobody else.</summary>
public sealed class VariableTests(LiveWherry wherry)
{
    [Fact]
    public async Task KM_09_DC_13_Values_arrive_as_they_were_given_and_only_where_they_are_named()
    {
        var project = await wherry.ProjectAsync();
        var values = new Dictionary<string, string>
        {
            ["QUOTED"] = "it's \"quoted\" \\ `so`",
            ["ABROAD"] = "Grüße, 世界",
            ["DOLLAR"] = "a$b ${c} $$d",
            ["LINES"] = "one\ntwo\n",
        };
        await wherry.Client.ChangeVariablesAsync(project, "production", new ChangeVariables(new Dictionary<string, string>(values) { ["UNNAMED"] = "x" }, []), default);
        await wherry.Client.ChangeVariablesAsync(project, "production", new ChangeVariables(new Dictionary<string, string> { ["ONLY_WEB"] = "yes" }, [], Service: "web"), default);

        Assert.Null((await wherry.DeployComposeAsync(project, ComposeText.Of(
            ComposeText.Web($"{project}.localhost", keys: "environment: [QUOTED, ABROAD, DOLLAR, LINES, NOWHERE]"),
            ComposeText.Service("other")))).Problem);

        var has = await wherry.VariablesAtAsync($"{project}.localhost");
        Assert.All(values, v => Assert.Equal(v.Value, has[v.Key]));
        Assert.Equal("yes", has["ONLY_WEB"]);
        Assert.DoesNotContain("UNNAMED", has.Keys);
        Assert.DoesNotContain("NOWHERE", has.Keys);
        var other = (await wherry.Engine.Containers.FindAsync(Assert.Single(await wherry.IdsAsync(project, "other")), default))!;
        Assert.DoesNotContain(other.Environment, e => values.Keys.Append("ONLY_WEB").Any(n => e.StartsWith($"{n}=", StringComparison.Ordinal)));
    }

    /// <summary>DP-16.</summary>
    [Fact]
    public async Task DP_16_Dollars_quotes_hashes_and_newlines_of_env_files_survive_to_the_container()
    {
        var project = await wherry.ProjectAsync();
        var web = ComposeText.Web($"{project}.localhost", keys: "env_file: [app.env]");

        Assert.Null((await wherry.DeployAsync(project, new Dictionary<string, string>
        {
            ["compose.yaml"] = ComposeText.Of(web),
            ["app.env"] = """
                # a comment
                DOLLAR='pa$$word ${HOME} $1'
                SINGLE="it's"
                DOUBLE='say "hi"'
                HASH=pa#ss
                HASH_QUOTED="a # b"
                COMMENTED=value # gone
                ESCAPED="one\ntwo\ttab"
                LINES="first
                second"
                RAW_LINES='one\ntwo'
                EQUALS=a=b=c
                EMPTY=
                export EXPORTED=yes
                """.Replace("\r", "", StringComparison.Ordinal),
        })).Problem);

        var has = await wherry.VariablesAtAsync($"{project}.localhost");
        Assert.Equal("pa$$word ${HOME} $1", has["DOLLAR"]);
        Assert.Equal("it's", has["SINGLE"]);
        Assert.Equal("say \"hi\"", has["DOUBLE"]);
        Assert.Equal("pa#ss", has["HASH"]);
        Assert.Equal("a # b", has["HASH_QUOTED"]);
        Assert.Equal("value", has["COMMENTED"]);
        Assert.Equal("one\ntwo\ttab", has["ESCAPED"]);
        Assert.Equal("first\nsecond", has["LINES"]);
        Assert.Equal("one\\ntwo", has["RAW_LINES"]);
        Assert.Equal("a=b=c", has["EQUALS"]);
        Assert.Equal("", has["EMPTY"]);
        Assert.Equal("yes", has["EXPORTED"]);
    }

    [Fact]
    public async Task A_secret_is_masked_in_the_problem_of_a_deployment_and_of_a_plan()
    {
        var project = await wherry.ProjectAsync();
        await wherry.Client.ChangeVariablesAsync(project, "production", new ChangeVariables(new Dictionary<string, string> { ["PASSWORD"] = "hunter2-hunter2" }, [], Secret: true), default);

        var failed = await wherry.DeployAsync(project, new Dictionary<string, string>
        {
            ["compose.yaml"] = ComposeText.Of("  web:\n    build: { context: ., args: [PASSWORD] }\n"),
            ["Dockerfile"] = $"FROM {LiveWherry.Image("v1")}\nARG PASSWORD\nRUN echo \"logging in with $PASSWORD\"; exit 1\n",
        });
        Assert.Equal("build/failed", failed.Problem!.Code);
        Assert.Contains("••••••", failed.Problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", failed.Problem.Message, StringComparison.Ordinal);

        var upload = await wherry.Client.UploadAsync(project, "production", (stream, ct) => LiveWherry.WriteTarAsync(
            stream, new Dictionary<string, string> { ["compose.yaml"] = ComposeText.Of("  web:\n    image: ${NONE:?not $PASSWORD}\n") }, ct), default);
        var refused = await Assert.ThrowsAsync<ApiException>(() => wherry.Client.PlanAsync(project, "production", new DeployRequest { Upload = upload.Id }, default));
        Assert.Equal("compose/variable-missing", refused.Problem.Code);
        Assert.DoesNotContain("hunter2", refused.Problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_is_masked_in_the_log_of_a_deployment_that_a_restarted_server_takes_up()
    {
        await using var own = new LiveWherry();
        await own.InitializeAsync();
        var project = await own.ProjectAsync();
        await own.Client.ChangeVariablesAsync(project, "production", new ChangeVariables(new Dictionary<string, string> { ["PASSWORD"] = "hunter3-hunter3" }, [], Secret: true), default);
        var upload = await own.Client.UploadAsync(project, "production", (stream, ct) => LiveWherry.WriteTarAsync(stream, new Dictionary<string, string>
        {
            ["compose.yaml"] = ComposeText.Of(ComposeText.Web($"{project}.localhost", keys: "environment: [PASSWORD]", wherry: "release: [node, -e, \"setTimeout(() => console.log('migrated as', process.env.PASSWORD), 3000)\"]")),
        }, ct), default);
        var deployment = await own.Client.DeployAsync(project, "production", new DeployRequest { Upload = upload.Id }, default);
        await LiveWherry.UntilAsync(async () => (await own.Client.DeploymentAsync(deployment.Id, default)).Steps.Any(s => s.Text.Contains("release command", StringComparison.Ordinal) && s.State == "running"));

        await own.RestartServerAsync();

        var ended = await own.EndAsync(deployment);
        Assert.Null(ended.Problem);
        var log = await own.LogAsync(ended);
        Assert.Contains("migrated as ••••••", log, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter3", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_variable_replaces_only_the_services_that_use_it()
    {
        var project = await wherry.ProjectAsync();
        await wherry.Client.ChangeVariablesAsync(project, "production", new ChangeVariables(new Dictionary<string, string> { ["MOOD"] = "calm" }, []), default);
        await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web($"{project}.localhost", keys: "environment: [MOOD]"), ComposeText.Service("worker")));
        var (web, worker) = (await wherry.IdsAsync(project, "web"), await wherry.IdsAsync(project, "worker"));

        var changed = await wherry.Client.ChangeVariablesAsync(project, "production", new ChangeVariables(new Dictionary<string, string> { ["MOOD"] = "merry" }, []), default);
        var deployment = await wherry.EndAsync(await wherry.Client.DeploymentAsync(changed.Deployment!, default));

        Assert.Null(deployment.Problem);
        Assert.Equal("merry", (await wherry.VariablesAtAsync($"{project}.localhost"))["MOOD"]);
        Assert.Equal(worker, await wherry.IdsAsync(project, "worker"));
        Assert.Empty((await wherry.IdsAsync(project, "web")).Intersect(web));
        Assert.Equal(["web"], Assert.Single(await wherry.Client.VariablesAsync(project, "production", default)).UsedBy);
    }

    [Fact]
    public async Task A_secret_reaches_its_service_and_neither_the_log_nor_an_answer()
    {
        const string Secret = "s3cr3t-7f1e-hunter2";
        var project = await wherry.ProjectAsync();
        await wherry.Client.ChangeVariablesAsync(project, "production", new ChangeVariables(new Dictionary<string, string> { ["TOKEN"] = Secret }, [], Secret: true), default);
        var deployment = await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web(
            $"{project}.localhost", keys: "environment: [TOKEN]", wherry: "release: [node, -e, \"console.log('token ' + process.env.TOKEN + ' end')\"]")));

        Assert.Null(deployment.Problem);
        Assert.Equal(Secret, (await wherry.VariablesAtAsync($"{project}.localhost"))["TOKEN"]);
        var log = await wherry.LogAsync(deployment);
        Assert.Matches("token .+ end", log);
        Assert.DoesNotContain(Secret, log, StringComparison.Ordinal);
        Assert.Null(Assert.Single(await wherry.Client.VariablesAsync(project, "production", default)).Value);
        Assert.DoesNotContain(Secret, await AnswersAsync(project), StringComparison.Ordinal);
    }

    /// <summary>Everything that the API tells of a project, as text.</summary>
    private async Task<string> AnswersAsync(string project)
    {
        object[] answers =
        [
            await wherry.Client.VariablesAsync(project, "production", default),
            await wherry.Client.ServicesAsync(project, "production", default),
            await wherry.Client.DeploymentsAsync(project, "production", default),
            await wherry.Client.ReleasesAsync(project, "production", default),
            await wherry.Client.StatusAsync(default),
            await wherry.Client.PlanAsync(project, "production", new DeployRequest(), default),
        ];
        return string.Concat(answers.Select(a => System.Text.Json.JsonSerializer.Serialize(a, a.GetType())));
    }
}
