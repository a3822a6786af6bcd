using Wherry.Client;

namespace Wherry.Server.Tests.Deployments;

/// <summary>Services that live in one another's namespaces, through deployments.</summary>
public sealed class SharingTests(LiveWherry wherry)
{
    [Fact]
    public async Task DC_09_Who_shares_a_network_follows_the_one_whose_network_it_is()
    {
        var project = await wherry.ProjectAsync();
        string Compose(string version) => ComposeText.Of(
            ComposeText.Web($"{project}.localhost", version),
            ComposeText.Script("box", "setInterval(() => {}, 1000)", "network_mode: service:web\nstop_grace_period: 1s"),
            ComposeText.Service("other"));
        Assert.Null((await wherry.DeployComposeAsync(project, Compose("v1"))).Problem);
        var (box, other) = (await wherry.IdsAsync(project, "box"), await wherry.IdsAsync(project, "other"));
        Assert.Equal("v1", await AskAsync(project));

        var second = await wherry.DeployComposeAsync(project, Compose("v2"));

        Assert.Null(second.Problem);
        Assert.Empty((await wherry.IdsAsync(project, "box")).Intersect(box));
        Assert.Equal(other, await wherry.IdsAsync(project, "other"));
        Assert.Equal("v2", await AskAsync(project));
        Assert.Equal("v2", (await wherry.GetAsync($"{project}.localhost")).Body);

        var third = await wherry.DeployComposeAsync(project, Compose("v2"));
        Assert.Empty(third.Steps);
    }

    [Fact]
    public async Task DC_10_DC_12_Memory_processes_and_volumes_of_another_service_are_seen()
    {
        var project = await wherry.ProjectAsync();
        var deployment = await wherry.DeployComposeAsync(project, ComposeText.Of(
            ComposeText.Script("owner", "require('fs').writeFileSync('/dev/shm/word', 'm'); require('fs').writeFileSync('/data/word', 'v'); setInterval(() => {}, 1000)", "volumes: [\"data:/data\"]\nstop_grace_period: 1s"),
            ComposeText.Service("box", keys: "ipc: service:owner\npid: service:owner\nvolumes_from: [\"owner:ro\"]")) + "volumes: { data: }\n");

        Assert.Null(deployment.Problem);
        var box = Assert.Single(await wherry.IdsAsync(project, "box"));
        var seen = await wherry.Engine.Exec.RunAsync(box, ["sh", "-c", "cat /dev/shm/word /data/word; grep -c writeFileSync /proc/1/cmdline; touch /data/x || echo read-only"], default);
        Assert.StartsWith("mv1", seen.Stdout.ReplaceLineEndings(""), StringComparison.Ordinal);
        Assert.Contains("read-only", seen.Stdout, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_leads_out_of_the_container_takes_a_capability_and_works_with_it()
    {
        var project = await wherry.ProjectAsync();
        var compose = ComposeText.Of(ComposeText.Service("tool", keys: "security_opt: [seccomp=unconfined]\npid: host\ndevices: [\"/dev/null:/dev/own\"]"));

        var refused = await wherry.DeployComposeAsync(project, compose);
        Assert.Equal(DeploymentOutcome.Failed, refused.Outcome);
        foreach (var word in (string[])["kernel", "host-namespaces", "devices"])
        {
            Assert.Contains($"wherry projects allow PROJECT {word}", $"{refused.Problem!.Message} {refused.Problem.Hint} {await wherry.LogAsync(refused)}", StringComparison.Ordinal);
            await wherry.Client.AllowAsync(project, word, default);
        }

        Assert.Null((await wherry.DeployComposeAsync(project, compose)).Problem);
        var id = Assert.Single(await wherry.IdsAsync(project, "tool"));
        var seen = await wherry.Engine.Exec.RunAsync(id, ["sh", "-c", "ls /dev/own; grep Seccomp: /proc/self/status"], default);
        Assert.Contains("/dev/own", seen.Stdout, StringComparison.Ordinal);
        Assert.Contains("Seccomp:\t0", seen.Stdout, StringComparison.Ordinal);
    }

    /// <summary>What answers inside the box's network.</summary>
    private async Task<string> AskAsync(string project)
    {
        var box = Assert.Single(await wherry.IdsAsync(project, "box"));
        var answer = await wherry.Engine.Exec.RunAsync(box, ["node", "-e", "fetch('http://127.0.0.1:3000/').then(r => r.text()).then(console.log)"], default);
        return answer.Stdout.Trim();
    }
}
