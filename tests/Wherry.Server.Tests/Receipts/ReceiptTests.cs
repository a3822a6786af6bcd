using Wherry.Client;
using Wherry.Server.Tests.Deployments;

namespace Wherry.Server.Tests.Receipts;

/// <summary>What a deployment cost, and what became of everything.</summary>
public sealed class ReceiptTests(LiveWherry wherry)
{
    [Fact]
    public async Task A_receipt_tells_every_step_and_the_requests_meanwhile()
    {
        var project = await wherry.ProjectAsync();
        await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v1") });
        using var stop = new CancellationTokenSource();
        var visits = VisitAsync($"{project}.localhost", stop.Token);

        var deployment = await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v2") });
        await stop.CancelAsync();
        var (served, failed) = await visits;

        var receipt = deployment.Receipt!;
        Assert.Equal(["prepare", "cut-release", "make-plan"], receipt.Steps.Take(3).Select(s => s.Kind));
        Assert.Equal(deployment.Steps.Select(s => s.Text), receipt.Steps.Skip(3).Select(s => s.Text));
        Assert.All(receipt.Steps, s => Assert.Equal("done", s.Outcome));
        Assert.True(receipt.Steps.Sum(s => s.Seconds) <= receipt.Seconds + 0.1, "steps take no longer than the whole");
        Assert.True(receipt.Steps.Single(s => s.Kind == "await-healthy").Seconds > 0);
        Assert.Equal(0, failed);
        Assert.Equal(0, receipt.Traffic!.Failed);
        Assert.InRange(receipt.Traffic.Served, 1, served);
        Assert.Equal(2, receipt.Kept!.Releases);
        Assert.StartsWith("socket:", deployment.Actor, StringComparison.Ordinal);
        Assert.Matches(@"r2 is live after \d+\.\d s, without interruption; [\d,]+ requests served meanwhile, 0 failed\s*$", await wherry.LogAsync(deployment));
    }

    [Fact]
    public async Task Requests_that_failed_meanwhile_are_counted_as_such()
    {
        var project = await wherry.ProjectAsync();
        await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v1") });
        await wherry.Client.MaintenanceAsync(project, "production", new SetMaintenance(true), default);
        using var stop = new CancellationTokenSource();
        var visits = VisitAsync($"{project}.localhost", stop.Token);

        var deployment = await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v2") });
        await stop.CancelAsync();
        await visits;

        Assert.InRange(deployment.Receipt!.Traffic!.Failed, 1, long.MaxValue);
    }

    [Fact]
    public async Task A_build_is_told_with_its_size_and_a_known_tree_as_cached_and_old_releases_as_pruned()
    {
        var project = await wherry.ProjectAsync();
        var compose = ComposeText.Of("  web:\n    build: .\n    x-wherry:\n      deploy: { keep: 1 }\n");
        Dictionary<string, string> Files(string text) => new() { ["compose.yaml"] = compose, ["Dockerfile"] = $"FROM {LiveWherry.Image("v1")}\nCOPY note /note\n", ["note"] = text };
        var first = await wherry.DeployAsync(project, Files("1"));
        Assert.Null(first.Problem);

        var build = Assert.Single(first.Receipt!.Builds);
        Assert.Equal(("web", false), (build.Service, build.Cached));
        Assert.True(build is { Seconds: > 0, Bytes: > 0 }, $"{build}");
        Assert.True(first.Receipt.Kept is { Releases: 1, Images: 1, Bytes: > 0, PrunedReleases.Count: 0 }, $"{first.Receipt.Kept}");

        Assert.True(Assert.Single((await wherry.DeployAsync(project, Files("1"))).Receipt!.Builds).Cached);
        await wherry.DeployAsync(project, Files("2"));
        var third = await wherry.DeployAsync(project, Files("3"));
        Assert.Equal([1], third.Receipt!.Kept!.PrunedReleases);
        Assert.Equal((2, 2, 1), (third.Receipt.Kept.Releases, third.Receipt.Kept.Images, third.Receipt.Kept.PrunedImages));
        Assert.True(third.Receipt.Kept.PrunedBytes > 0);
    }

    [Fact]
    public async Task A_failed_deployment_has_a_receipt_that_names_the_step_it_failed_in()
    {
        var project = await wherry.ProjectAsync();

        var deployment = await wherry.DeployAsync(project, new DeployRequest { Image = "wherry-test/no-such-image:1" });

        var failed = Assert.Single(deployment.Receipt!.Steps, s => s.Outcome == "failed");
        Assert.Equal(("cut-release", deployment.Problem!.Code), (failed.Kind, failed.Problem));
        Assert.Null(deployment.Receipt.Kept);
    }

    private async Task<(long Served, long Failed)> VisitAsync(string host, CancellationToken ct)
    {
        var (served, failed) = (0L, 0L);
        while (!ct.IsCancellationRequested)
        {
            var (status, _) = await wherry.GetAsync(host);
            _ = (int)status < 500 ? served++ : failed++;
        }

        return (served, failed);
    }
}
