using Wherry.Client;
using Wherry.Server.Tests.Deployments;

namespace Wherry.Server.Tests.Metrics;

/// <summary>What <c>wherry top</c> asks for.</summary>
public sealed class TrafficTests(LiveWherry wherry)
{
    [Fact]
    public async Task Each_service_tells_what_its_visitors_asked_for()
    {
        var project = await wherry.ProjectAsync();
        await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v1") });
        var before = await OfAsync(project);

        for (var i = 0; i < 5; i++)
        {
            await wherry.GetAsync($"{project}.localhost");
        }

        await LiveWherry.UntilAsync(async () => (await OfAsync(project)).Requests == before.Requests + 5); // counted once the answer has ended
        var now = await OfAsync(project);
        Assert.Equal((project, "production", 0L), (now.Project, now.Environment, now.Failed));
        Assert.Equal(now.Requests, now.Took.Sum());
    }

    private async Task<Traffic> OfAsync(string project) => Assert.Single(await wherry.Client.TrafficAsync(default), t => t.Project == project);
}
