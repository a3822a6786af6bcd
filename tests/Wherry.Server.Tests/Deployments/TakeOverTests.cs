using System.Net;
using Wherry.Client;

namespace Wherry.Server.Tests.Deployments;

/// <summary>A host moves between services of an environment, and nobody who visits it notices.</summary>
public class TakeOverTests(LiveWherry wherry)
{
    [Fact]
    public async Task A_renamed_service_takes_its_host_along_and_back()
    {
        var project = await wherry.ProjectAsync();
        var host = $"{project}.localhost";
        Assert.Null((await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web(host)))).Problem);
        var old = await wherry.IdsAsync(project, "web");
        await using var visitors = Visitors.Of(wherry, host);
        await visitors.SeeAsync("v1");

        var renamed = await wherry.DeployComposeAsync(project, ComposeText.Of(Site(host)));
        Assert.Null(renamed.Problem);
        Assert.Equal("v2", (await wherry.GetAsync(host)).Body);
        await visitors.SeeAsync("v2");
        Assert.Contains("web runs but is not in the model", await wherry.LogAsync(renamed), StringComparison.Ordinal);
        Assert.Equal(old, await wherry.IdsAsync(project, "web"));

        Assert.Null((await wherry.EndAsync(await wherry.Client.RollbackAsync(project, "production", new RollbackRequest(null), default))).Problem);
        Assert.Equal("v1", (await wherry.GetAsync(host)).Body);

        Assert.Null((await wherry.DeployComposeAsync(project, ComposeText.Of(Site(host)), new DeployRequest { RemoveOrphans = true })).Problem);
        Assert.Equal("v2", (await wherry.GetAsync(host)).Body);
        await visitors.LeaveAsync();
        Assert.Empty(visitors.Failures);
        Assert.Empty(await wherry.IdsAsync(project, "web"));
    }

    [Fact]
    public async Task A_renamed_service_that_does_not_get_healthy_leaves_the_host_to_the_old_one()
    {
        var project = await wherry.ProjectAsync();
        var host = $"{project}.localhost";
        Assert.Null((await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web(host)))).Problem);
        await using var visitors = Visitors.Of(wherry, host);
        await visitors.SeeAsync("v1");

        var failed = await wherry.DeployComposeAsync(project, ComposeText.Of(Site(host, "environment: { BEHAVE: crash }")));

        await visitors.LeaveAsync();
        Assert.StartsWith("health/", failed.Problem!.Code, StringComparison.Ordinal);
        Assert.Empty(visitors.Failures);
        Assert.Equal((HttpStatusCode.OK, "v1"), await wherry.GetAsync(host));
        Assert.Empty(await wherry.IdsAsync(project, "site"));
    }

    [Fact]
    public async Task RG_06_A_new_domain_is_served_by_the_containers_that_are_there()
    {
        var project = await wherry.ProjectAsync();
        var (host, other) = ($"{project}.localhost", $"other.{project}.localhost");
        Assert.Null((await wherry.DeployComposeAsync(project, ComposeText.Of(Site(host)))).Problem);
        var before = await wherry.IdsAsync(project, "site");
        await using var visitors = Visitors.Of(wherry, host);
        await visitors.SeeAsync("v2");

        Assert.Null((await wherry.DeployComposeAsync(project, ComposeText.Of(Site(host).Replace($"[\"{host}\"]", $"[\"{host}\", \"{other}\"]", StringComparison.Ordinal)))).Problem);

        await visitors.LeaveAsync();
        Assert.Empty(visitors.Failures);
        Assert.Equal("v2", (await wherry.GetAsync(other)).Body);
        Assert.Equal(before, await wherry.IdsAsync(project, "site"));
    }

    [Fact]
    public async Task A_host_moves_to_another_service_of_the_file()
    {
        var project = await wherry.ProjectAsync();
        var (host, other) = ($"{project}.localhost", $"other.{project}.localhost");
        Assert.Null((await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web(host), Site(other)))).Problem);
        await using var visitors = Visitors.Of(wherry, host);
        await visitors.SeeAsync("v1");

        Assert.Null((await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Service("web"), Site(host)))).Problem);
        await visitors.SeeAsync("v2");

        await visitors.LeaveAsync();
        Assert.Empty(visitors.Failures);
        Assert.Equal(HttpStatusCode.NotFound, (await wherry.GetAsync(other)).Status);
    }

    [Fact]
    public async Task Two_services_exchange_their_hosts()
    {
        var project = await wherry.ProjectAsync();
        var (host, other) = ($"{project}.localhost", $"other.{project}.localhost");
        Assert.Null((await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web(host), Site(other)))).Problem);

        Assert.Null((await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Web(other), Site(host)))).Problem);

        Assert.Equal(("v2", "v1"), ((await wherry.GetAsync(host)).Body, (await wherry.GetAsync(other)).Body));
    }

    /// <summary>The service <c>web</c> under another name.</summary>
    private static string Site(string host, string keys = "") =>
        ComposeText.Web(host, "v2", keys).Replace("  web:", "  site:", StringComparison.Ordinal);
}
