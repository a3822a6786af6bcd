using Wherry.Server.Tests.Deployments;

namespace Wherry.Server.Tests.BadDays;

/// <summary>Somebody sets the server's clock, by a day.</summary>
public sealed class ClockTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task The_clock_is_set_in_the_middle_of_a_deployment_and_nobody_minds(int days)
    {
        var clock = new ClockThatIsSet();
        await using var wherry = new LiveWherry { Clock = clock };
        await wherry.InitializeAsync();
        var project = await wherry.ProjectAsync();
        var host = $"{project}.localhost";
        var worker = ComposeText.Script("worker", "setInterval(() => {}, 1000)");
        Assert.Null((await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web(host), worker))).Problem);
        await using var visitors = Visitors.Of(wherry, host);

        var begun = await wherry.BeginAsync(project, new Dictionary<string, string>
        {
            ["compose.yaml"] = ComposeText.Of(
                ComposeText.Web(host, "v2", "command: [node, -e, \"setTimeout(() => require('http').createServer((q, r) => r.end('later')).listen(3000), 4000)\"]"),
                worker.Replace("worker:\n", "worker:\n    environment: { A: b }\n", StringComparison.Ordinal)),
        });
        await LiveWherry.UntilAsync(async () => (await wherry.LogAsync(begun)).Contains("wait until web-2 is healthy", StringComparison.Ordinal));
        clock.Ahead = TimeSpan.FromDays(days);
        var ended = await wherry.EndAsync(begun);

        Assert.Null(ended.Problem);
        await visitors.SeeAsync("later");
        var third = await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web(host, "v3"), worker));
        Assert.Null(third.Problem);
        Assert.Equal([third.Id, ended.Id], (await wherry.Client.DeploymentsAsync(project, "production", default)).Select(d => d.Id).Take(2));
        Assert.Equal([3, 2, 1], (await wherry.Client.ReleasesAsync(project, "production", default)).Select(r => r.Number));
        await visitors.SeeAsync("v3");
        await visitors.LeaveAsync();
        Assert.Empty(visitors.Failures);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task What_dies_after_the_clock_was_set_comes_back(int days)
    {
        var clock = new ClockThatIsSet();
        await using var wherry = new LiveWherry { Clock = clock };
        await wherry.InitializeAsync();
        var project = await wherry.ProjectAsync();
        Assert.Null((await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web($"{project}.localhost")))).Problem);
        var old = await wherry.IdsAsync(project, "web");

        clock.Ahead = TimeSpan.FromDays(days);
        await wherry.Engine.Containers.RemoveAsync(old.Single(), TimeSpan.Zero, removeAnonymousVolumes: true, default);

        await LiveWherry.UntilAsync(async () => (await wherry.IdsAsync(project, "web")).Except(old).Any(), 120);
        await LiveWherry.UntilAsync(async () => (await wherry.GetAsync($"{project}.localhost")).Body == "v1");
    }

    /// <summary>The machine's clock as somebody set it. What counts seconds goes on as before, as it does in the kernel.</summary>
    private sealed class ClockThatIsSet : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Ahead;
    }
}
