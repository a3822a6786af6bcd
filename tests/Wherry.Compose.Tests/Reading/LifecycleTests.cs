using Wherry.Core.Model;

namespace Wherry.Compose.Tests.Reading;

/// <summary>When images are pulled, what runs beside start and stop, and where a service may run.</summary>
public sealed class LifecycleTests
{
    [Theory]
    [InlineData("pull_policy: missing", null, null)]
    [InlineData("pull_policy: if_not_present", null, null)]
    [InlineData("pull_policy: always", PullWhen.Always, null)]
    [InlineData("pull_policy: never", PullWhen.Never, null)]
    [InlineData("pull_policy: daily", PullWhen.Aged, 24.0)]
    [InlineData("pull_policy: weekly", PullWhen.Aged, 168.0)]
    [InlineData("pull_policy: every_1d12h", PullWhen.Aged, 36.0)]
    [InlineData("pull_policy: refresh\npull_refresh_after: 30m", PullWhen.Aged, 0.5)]
    public void DC_26_Every_pull_policy_is_read(string body, PullWhen? when, double? hours)
    {
        var pull = A.Web(body).Pull;

        Assert.Equal((when, hours), (pull?.When, pull?.Every?.TotalHours));
    }

    [Fact]
    public void DC_26_What_is_built_is_not_pulled()
    {
        Assert.Empty(A.Read("services: { web: { build: ., pull_policy: build } }").Warnings);
        var read = A.Read("services: { web: { build: ., pull_policy: always } }");
        Assert.Null(A.Service(read.Model, "web").Pull);
        Assert.Equal("compose/no-effect", Assert.Single(read.Warnings).Code);
    }

    [Fact]
    public void DC_20_Hooks_are_read()
    {
        var web = A.Web("post_start: [{ command: bin/warm up, user: root, privileged: true, working_dir: /srv, environment: [A=1] }]\npre_stop: [{ command: [leave] }]");

        var start = Assert.Single(web.PostStart!);
        Assert.Equal(["bin/warm", "up"], start.Command);
        Assert.Equal(("root", true, "/srv", "1"), (start.User, start.Privileged, start.WorkingDir, start.Environment["A"]));
        Assert.Equal(["leave"], Assert.Single(web.PreStop!).Command);
    }

    [Fact]
    public void Placement_on_one_server_is_taken_where_it_holds()
    {
        var read = A.Read(A.WebFile("deploy: { labels: [a=b], endpoint_mode: dnsrr, placement: { constraints: [node.role == manager, node.platform.os==linux], max_replicas_per_node: 2 } }"));

        Assert.Equal(["compose/no-effect", "compose/no-effect"], read.Warnings.Select(w => w.Code));
    }

    [Theory]
    [InlineData("pull_policy: sometimes", "is not a pull_policy")]
    [InlineData("pull_policy: refresh", "is not a pull_policy")]
    [InlineData("pull_policy: every_day", "is not a pull_policy")]
    [InlineData("pull_policy: build", "nothing to build")]
    [InlineData("post_start: [{ user: root }]", "needs a command")]
    [InlineData("pre_stop: [{ command: a && b }]", "services.web.pre_stop[0].command")]
    [InlineData("deploy: { placement: { constraints: [node.labels.zone == a] } }", "is not supported: a service runs on the environment's server")]
    [InlineData("deploy: { replicas: 3, placement: { max_replicas_per_node: 2 } }", "do not fit on one server")]
    public void What_is_wrong_is_told_where_it_stands(string body, string words) =>
        Assert.Contains(words, A.WebProblem(body).Message, StringComparison.Ordinal);
}
