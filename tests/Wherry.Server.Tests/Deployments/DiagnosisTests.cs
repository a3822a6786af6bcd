using Wherry.Client;

namespace Wherry.Server.Tests.Deployments;

/// <summary>A failed deployment states the cause and the evidence: each with a container that fails that way.</summary>
public sealed class DiagnosisTests(LiveWherry wherry)
{
    private const string Once = "restart: \"no\"\n";

    private const string Impatient = "health: { path: /up, interval: 100ms, deadline: 4s }";

    [Fact]
    public async Task A_process_that_exits_is_told_with_its_code_and_its_last_lines()
    {
        var failed = await WebAsync($"{Once}environment: {{ BEHAVE: crash }}");

        Assert.Equal("health/exited", failed.Code);
        Assert.Equal("web-1 exited with code 3 before it was healthy.", failed.Message);
        Assert.Contains("exit code 3", failed.Evidence);
        Assert.Contains("web | Error: cannot reach the database", failed.Evidence);
    }

    [Fact]
    public async Task One_that_is_started_again_and_again_is_told_with_how_it_ended()
    {
        var failed = await WebAsync("environment: { BEHAVE: crash }");

        Assert.Equal("health/restarting", failed.Code);
        Assert.Contains(failed.Evidence, e => e.StartsWith("exit code 3, started again ", StringComparison.Ordinal));
        Assert.Contains("web | Error: cannot reach the database", failed.Evidence);
    }

    [Fact]
    public async Task A_signal_is_named()
    {
        var failed = await ProblemAsync(ComposeText.Script("worker", "process.kill(process.pid, 'SIGSEGV')", $"{Once}init: true"));

        Assert.Equal("health/exited", failed.Code);
        Assert.Contains("139 (SIGSEGV)", failed.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Once)]
    [InlineData("")]
    public async Task Out_of_memory_is_told_with_the_limit(string restart)
    {
        var failed = await ProblemAsync(ComposeText.Script("worker", "const a = []; setInterval(() => a.push(Buffer.alloc(20e6, 1)), 5)", $"{restart}mem_limit: 64m"));

        Assert.Equal("health/out-of-memory", failed.Code);
        Assert.Contains("64 MB", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_port_that_it_really_listens_on_is_told()
    {
        var failed = await WebAsync("environment: { PORT: 4000 }", Impatient);

        Assert.Equal("health/listens-elsewhere", failed.Code);
        Assert.Equal("web-1 listens on port 4000, but port 3000 is probed.", failed.Message);
        Assert.Contains("listens on 0.0.0.0:4000", failed.Evidence);
        Assert.Contains(failed.Evidence, e => e.StartsWith("last probe at 20", StringComparison.Ordinal) && e.Contains(":3000/up: connection refused after ", StringComparison.Ordinal));
        Assert.Contains("PORT=3000", failed.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_listener_on_loopback_only_is_told()
    {
        var failed = await WebAsync("environment: { HOST: 127.0.0.1 }", Impatient);

        Assert.Equal("health/listens-on-loopback", failed.Code);
        Assert.Contains("127.0.0.1:3000 only", failed.Message, StringComparison.Ordinal);
        Assert.Contains("HOST=0.0.0.0", failed.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_never_listens_is_told()
    {
        var failed = await WebAsync("environment: { BEHAVE: deaf }", Impatient);

        Assert.Equal("health/not-listening", failed.Code);
        Assert.Contains("listens on no port", failed.Evidence);
        Assert.Contains("web | version v1 behaves deaf", failed.Evidence);
    }

    [Fact]
    public async Task The_last_answer_of_the_probe_is_told_with_body_and_time()
    {
        var failed = await WebAsync("environment: { BEHAVE: unhealthy }", Impatient);

        Assert.Equal("health/probe-status", failed.Code);
        Assert.Contains("500 Internal Server Error", failed.Message, StringComparison.Ordinal);
        Assert.Contains(failed.Evidence, e => e.StartsWith("last probe at 20", StringComparison.Ordinal) && e.EndsWith(" ms: not today", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_that_listens_but_does_not_answer_is_told()
    {
        var failed = await WebAsync("command: [node, -e, \"require('net').createServer(() => {}).listen(3000)\"]", "health: { path: /up, interval: 100ms, timeout: 1s, deadline: 4s }");

        Assert.Equal("health/no-answer", failed.Code);
        Assert.Contains("listens on port 3000", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_that_is_not_there_is_told_with_the_way_out()
    {
        var failed = await WebAsync("command: [node, -e, \"require('http').createServer((q, s) => s.writeHead(404).end('no such page')).listen(3000)\"]", Impatient);

        Assert.Equal("health/probe-status", failed.Code);
        Assert.Contains("404 Not Found", failed.Message, StringComparison.Ordinal);
        Assert.Contains("x-wherry.health.path", failed.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[/no/such/program]", "health/executable-missing", "/no/such/program")]
    [InlineData("[no-such-program]", "health/executable-missing", "no-such-program")]
    [InlineData("[/server.js]", "health/not-executable", "/server.js")]
    [InlineData("[sh, -c, no-such-program]", "health/executable-missing", "no-such-program")]
    public async Task A_command_that_cannot_be_run_is_named(string command, string code, string named)
    {
        var failed = await ProblemAsync(ComposeText.Service("worker", keys: $"{Once}entrypoint: []\ncommand: {command}"));

        Assert.Equal(code, failed.Code);
        Assert.Contains(named, string.Join('\n', [failed.Message, .. failed.Evidence]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_for_another_processor_is_told()
    {
        var project = await wherry.ProjectAsync();

        // The beginning of an ELF file for s390: no machine that Wherry's tests run on takes it.
        var failed = await wherry.DeployAsync(project, new Dictionary<string, string>
        {
            ["compose.yaml"] = $"services:\n  worker:\n    build: .\n    {Once}",
            ["Dockerfile"] = $"FROM {LiveWherry.Image("v1")}\nCOPY program /program\nRUN chmod +x /program\nCMD [\"/program\"]\n",
            ["program"] = "\u007fELF\u0002\u0002\u0001" + new string('\0', 10) + "\u0002\0\u0016" + new string('\0', 100),
        });

        Assert.Equal("health/wrong-platform", failed.Problem!.Code);
        Assert.Contains("linux/", failed.Problem.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_mounted_is_told()
    {
        var failed = await ProblemAsync(ComposeText.Service("worker", keys: $"{Once}volumes: [\"/etc/hostname:/tmp\"]"));

        Assert.Equal("volume/mount-failed", failed.Code);
        Assert.Contains(failed.Evidence, e => e.Contains("/etc/hostname", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_dependency_that_never_becomes_healthy_is_named_with_who_waits_for_it()
    {
        var failed = await ProblemAsync(
            ComposeText.Service("db", keys: "healthcheck: { test: [CMD-SHELL, 'echo not accepting connections; exit 1'], interval: 1s, retries: 2 }\nx-wherry: { health: { deadline: 4s } }"),
            ComposeText.Service("shop", keys: "depends_on: { db: { condition: service_healthy } }"));

        Assert.Equal("service/dependency-unhealthy", failed.Code);
        Assert.StartsWith("shop waits for db, which never became healthy: ", failed.Message, StringComparison.Ordinal);
        Assert.Contains("not accepting connections", failed.Message, StringComparison.Ordinal);
        Assert.Contains("shop waits for db", failed.Evidence);
    }

    private Task<ApiProblem> WebAsync(string keys, string health = "") => ProblemAsync(ComposeText.Web("web.localhost", keys: keys, wherry: health));

    private async Task<ApiProblem> ProblemAsync(params string[] services)
    {
        var project = await wherry.ProjectAsync();
        await wherry.Client.AllowAsync(project, "host-files", default);
        var failed = await wherry.DeployComposeAsync(project, ComposeText.Of(services).Replace("web.localhost", $"{project}.localhost", StringComparison.Ordinal));
        Assert.Equal(DeploymentOutcome.Failed, failed.Outcome);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', [failed.Problem!.Code, failed.Problem.Message, .. failed.Problem.Evidence, failed.Problem.Hint]));
        Assert.Empty(await wherry.ContainersAsync(project));
        return failed.Problem!;
    }
}
