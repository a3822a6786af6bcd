using Wherry.Client;
using Wherry.Server.Tests.Deployments;

namespace Wherry.Server.Tests.BadDays;

/// <summary>New versions that misbehave, each in its own way, while the old one has visitors.</summary>
public sealed class BadContainerTests(LiveWherry wherry)
{
    private const string Listen = "const s = require('http').createServer((q, r) => r.end('bad')); ";

    /// <summary>FL-03, FL-07, NO-08.</summary>
    [Theory]
    [InlineData("never listens", "setInterval(() => {}, 1000)")]
    [InlineData("answers 500", "require('http').createServer((q, r) => r.writeHead(500).end('no')).listen(3000)")]
    [InlineData("answers one request and dies", "require('http').createServer((q, r) => r.end('bad', () => process.exit(1))).listen(3000)")]
    [InlineData("exits before it listens", "setTimeout(() => process.exit(3), 1000)")]
    [InlineData("accepts and never answers", "require('net').createServer(() => {}).listen(3000)")]
    [InlineData("answers what is no HTTP", "require('net').createServer(c => c.end('hello')).listen(3000)")]
    public async Task The_old_one_serves_on_and_nothing_of_the_new_one_is_left(string what, string script)
    {
        _ = what;
        var project = await wherry.ProjectAsync();
        var host = $"{project}.localhost";
        Assert.Null((await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web(host)))).Problem);
        var old = await wherry.IdsAsync(project, "web");
        await using var visitors = Visitors.Of(wherry, host);
        await visitors.SeeAsync("v1");

        var ended = await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web(host, "v2", $"command: [node, -e, \"{script}\"]", "health: { path: /up, interval: 100ms, timeout: 1s, deadline: 6s }")));

        await visitors.LeaveAsync();
        Assert.Equal(DeploymentOutcome.Failed, ended.Outcome);
        Assert.StartsWith("health/", ended.Problem!.Code, StringComparison.Ordinal);
        Assert.Equal(old, await wherry.IdsAsync(project, "web"));
        Assert.Empty(visitors.Failures);
        Assert.Equal("v1", (await wherry.GetAsync(host)).Body);
    }

    [Fact]
    public async Task One_that_listens_after_forty_seconds_is_waited_for()
    {
        var project = await wherry.ProjectAsync();
        var host = $"{project}.localhost";
        Assert.Null((await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web(host)))).Problem);
        await using var visitors = Visitors.Of(wherry, host);

        var ended = await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web(host, "v2", $"command: [node, -e, \"{Listen}setTimeout(() => s.listen(3000), 40000)\"]", "health: { path: /up, interval: 100ms }")));

        await visitors.SeeAsync("bad");
        await visitors.LeaveAsync();
        Assert.Null(ended.Problem);
        Assert.Empty(visitors.Failures);
    }

    [Fact]
    public async Task An_old_one_that_ignores_SIGTERM_is_gone_after_its_grace()
    {
        var project = await wherry.ProjectAsync();
        var host = $"{project}.localhost";
        Assert.Null((await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web(host, "v1", $"stop_grace_period: 2s\ncommand: [node, -e, \"process.on('SIGTERM', () => {{}}); {Listen}s.listen(3000)\"]")))).Problem);
        var old = await wherry.IdsAsync(project, "web");
        await using var visitors = Visitors.Of(wherry, host);
        await visitors.SeeAsync("bad");

        var ended = await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web(host, "v2")));

        await visitors.SeeAsync("v2");
        await visitors.LeaveAsync();
        Assert.Null(ended.Problem);
        Assert.Empty(visitors.Failures);
        Assert.Empty((await wherry.IdsAsync(project, "web")).Intersect(old));
    }

    /// <summary>It was healthy, and is not what serves in the end.</summary>
    [Fact]
    public async Task One_that_exits_after_three_seconds_is_reverted_where_it_is_watched_for_longer()
    {
        var project = await wherry.ProjectAsync();
        var host = $"{project}.localhost";
        Assert.Null((await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web(host)))).Problem);
        var old = await wherry.IdsAsync(project, "web");

        var ended = await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web(
            host, "v2", $"command: [node, -e, \"{Listen}s.listen(3000); setTimeout(() => process.exit(1), 3000)\"]", "deploy: { monitor: 6s }")));

        Assert.Equal(DeploymentOutcome.Failed, ended.Outcome);
        Assert.Equal(old, await wherry.IdsAsync(project, "web"));
        Assert.Equal("v1", (await wherry.GetAsync(host)).Body);
    }
}
