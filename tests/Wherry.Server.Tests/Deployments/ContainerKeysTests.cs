using Wherry.Client;

namespace Wherry.Server.Tests.Deployments;

/// <summary>Keys of a service that go into its container, from the file to the process.</summary>
public sealed class ContainerKeysTests(LiveWherry wherry)
{
    [Fact]
    public async Task Settings_of_the_file_are_seen_inside_the_container()
    {
        var project = await wherry.ProjectAsync();
        var deployment = await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web(
            $"{project}.localhost",
            keys: """
            hostname: boat
            read_only: true
            tmpfs: ["/tmp:mode=1777,size=8m"]
            security_opt: [no-new-privileges:true]
            group_add: ["1234"]
            sysctls: { net.core.somaxconn: 1023 }
            dns_opt: ["timeout:3"]
            cpu_shares: 512
            oom_score_adj: 123
            platform: linux/amd64
            logging: { options: { max-size: 5m } }
            tty: true
            """)));

        Assert.Null(deployment.Problem);
        var id = Assert.Single(await wherry.IdsAsync(project, "web"));
        var seen = (await wherry.Engine.Exec.RunAsync(id, ["sh", "-c", "hostname; cat /proc/sys/net/core/somaxconn /proc/1/oom_score_adj /etc/resolv.conf; grep -E 'Groups|NoNewPrivs' /proc/1/status; touch /x || echo read-only; stat -c %a /tmp"], default)).Stdout;
        foreach (var word in (string[])["boat", "1023", "123", "timeout:3", "1234", "NoNewPrivs:\t1", "read-only", "1777"])
        {
            Assert.Contains(word, seen, StringComparison.Ordinal);
        }

        Assert.Equal("v1", (await wherry.GetAsync($"{project}.localhost")).Body);
    }

    [Fact]
    public async Task DC_08_A_container_name_and_a_link_are_names_on_the_network_and_replicas_still_overlap()
    {
        var project = await wherry.ProjectAsync();
        string Compose(string version) => ComposeText.Of(
            ComposeText.Web($"{project}.localhost", version, "container_name: shop-web"),
            ComposeText.Service("caller", keys: "links: [\"web:front\"]"));
        Assert.Null((await wherry.DeployComposeAsync(project, Compose("v1"))).Problem);

        var second = await wherry.DeployComposeAsync(project, Compose("v2"));

        Assert.Null(second.Problem);
        Assert.Contains("container_name", await wherry.LogAsync(second), StringComparison.Ordinal);
        Assert.DoesNotContain(second.Steps, s => s.Text.StartsWith("stop", StringComparison.Ordinal));
        var caller = Assert.Single(await wherry.IdsAsync(project, "caller"));
        foreach (var name in (string[])["web", "shop-web", "front"])
        {
            var answer = await wherry.Engine.Exec.RunAsync(caller, ["node", "-e", $"fetch('http://{name}:3000/').then(r => r.text()).then(console.log)"], default);
            Assert.True(answer.Stdout.Trim() == "v2", $"{name}: {answer.Stdout}{answer.Stderr}");
        }
    }

    [Fact]
    public async Task Output_that_is_not_kept_is_warned_about_and_a_failure_is_told_all_the_same()
    {
        var project = await wherry.ProjectAsync();

        var failed = await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Script("web", "process.exit(3)", "logging: { driver: none }\nrestart: \"no\"\nexpose: [\"3000\"]\nx-wherry: { routes: [\"" + project + ".localhost\"] }")));

        Assert.Equal(DeploymentOutcome.Failed, failed.Outcome);
        Assert.Contains("code 3", failed.Problem!.Message, StringComparison.Ordinal);
        Assert.Contains("wherry logs shows nothing of this service", await wherry.LogAsync(failed), StringComparison.Ordinal);
    }
}
