using Microsoft.Extensions.DependencyInjection;
using Wherry.Server.Deployments;
using Wherry.Server.Tests.Deployments;

namespace Wherry.Server.Tests.BadDays;

/// <summary>The server is exchanged for another while visitors go on asking.</summary>
public sealed class UpgradeTests
{
    [Fact]
    public async Task RG_05_No_route_disappears_and_no_visitor_notices_when_the_server_is_exchanged()
    {
        await using var wherry = new LiveWherry();
        await wherry.InitializeAsync();
        var shop = await Shop.OpenAsync(wherry);
        var (plain, worker) = (await wherry.ProjectAsync(), await wherry.ProjectAsync());
        Assert.Null((await shop.DeployAsync("v1")).Problem);
        Assert.Null((await wherry.DeployAsync(plain, new Wherry.Client.DeployRequest { Image = LiveWherry.Image("v2") })).Problem);
        Assert.Null((await wherry.DeployComposeAsync(worker, ComposeText.Of(ComposeText.Service("worker")))).Problem);
        var before = await RoutesAsync(wherry);
        await using var visitors = Visitors.Of(wherry, shop.Host);

        for (var exchange = 0; exchange < 3; exchange++)
        {
            await wherry.RestartServerAsync();
            await visitors.SeeAsync("v1");
            Assert.Equal(before, await RoutesAsync(wherry));
        }

        await visitors.LeaveAsync();
        Assert.Empty(visitors.Failures);
        Assert.Equal("v2", (await wherry.GetAsync($"{plain}.localhost")).Body);
        await shop.AssertWholeAsync("v1");
    }

    private static async Task<List<string>> RoutesAsync(LiveWherry wherry) =>
        [.. (await wherry.Services.GetRequiredService<EdgeClient>().ListAsync(default)).Select(s => $"{s.Key}: {string.Join(", ", s.Service.Routes)} -> {string.Join(", ", s.Targets.Select(t => t.Id))}").Order(StringComparer.Ordinal)];
}
