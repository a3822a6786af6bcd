using Wherry.Client;
using Wherry.Docker.Tests.Fixture;

namespace Wherry.Server.Tests.Deployments;

/// <summary>What a failure tells: once, everywhere the same, and no secrets. And what fails before anything starts.</summary>
public sealed class DiagnosisToldTests(LiveWherry wherry)
{
    [Fact]
    public async Task The_log_tells_a_failure_once_and_the_deployment_keeps_it()
    {
        var project = await wherry.ProjectAsync();

        var failed = await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web($"{project}.localhost", keys: "restart: \"no\"\nenvironment: { BEHAVE: crash }")));

        var log = await wherry.LogAsync(failed);
        Assert.All([failed.Problem!.Message, "(health/exited)", "Error: cannot reach the database", failed.Problem.Hint], told => Assert.Equal(2, log.Split(told).Length));
        var kept = Assert.Single((await wherry.Client.StatusAsync(default)).Environments, e => e.Environment.Project == project).Deployment;
        Assert.Equal(failed.Problem.Evidence, kept!.Problem!.Evidence);
    }

    [Fact]
    public async Task A_push_is_told_the_evidence_once()
    {
        var project = await wherry.ProjectAsync();
        var folder = await wherry.FolderAsync(project);
        await folder.Write("Dockerfile", $"FROM {LiveWherry.Image("v1")}\nENV BEHAVE=crash\n").CommitAsync();

        var push = await folder.PushAsync();

        Assert.Contains("web | Error: cannot reach the database", push.Text, StringComparison.Ordinal);
        Assert.Equal(2, push.Text.Split("exit code 3").Length);
        Assert.Equal(2, push.Text.Split("(health/").Length);
    }

    [Fact]
    public async Task Secrets_are_masked_in_the_evidence()
    {
        var project = await wherry.ProjectAsync();
        await wherry.Client.ChangeVariablesAsync(project, "production", new ChangeVariables(new Dictionary<string, string> { ["API_KEY"] = "s3cr3t-s3cr3t-s3cr3t" }, [], Secret: true), default);
        const string Script = "require('http').createServer((q, s) => { s.statusCode = 500; s.end('x'.repeat(190) + process.env.API_KEY) }).listen(3000); console.log('key ' + process.env.API_KEY)";

        var failed = await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web(
            $"{project}.localhost", keys: $"environment: [API_KEY]\ncommand: [node, -e, \"{Script}\"]", wherry: "health: { path: /up, interval: 100ms, deadline: 4s }")));

        Assert.Equal("health/probe-status", failed.Problem!.Code);
        var all = string.Join('\n', [failed.Problem.Message, failed.Problem.Hint, .. failed.Problem.Evidence]) + await wherry.LogAsync(failed);
        Assert.DoesNotContain("s3cr3t", all, StringComparison.Ordinal);
        Assert.Contains("web | key ••", all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_release_command_that_needs_too_much_memory_is_told_as_that()
    {
        var project = await wherry.ProjectAsync();

        var failed = await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web(
            $"{project}.localhost", keys: "mem_limit: 64m", wherry: "release: [node, -e, \"const a = []; setInterval(() => a.push(Buffer.alloc(20e6, 1)), 5)\"]")));

        Assert.Equal("health/out-of-memory", failed.Problem!.Code);
        Assert.StartsWith("The release command of web was killed", failed.Problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, "image/not-found", "manifest unknown")]
    [InlineData(true, "image/denied", "no basic auth credentials")]
    public async Task What_the_registry_answered_is_told(bool withPassword, string code, string answer)
    {
        await using var registry = new Registry(withPassword);
        await registry.StartAsync(TestContext.Current.CancellationToken);
        var project = await wherry.ProjectAsync();

        var failed = await wherry.DeployComposeAsync(project, $"services:\n  shop:\n    image: {registry.Address}/shop/web:v7\n");

        Assert.Equal(code, failed.Problem!.Code);
        Assert.All(["shop ", $"{registry.Address}/shop/web:v7", answer], told => Assert.Contains(told, failed.Problem.Message, StringComparison.Ordinal));
    }
}
