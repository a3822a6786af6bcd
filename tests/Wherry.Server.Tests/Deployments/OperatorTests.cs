using System.Net;
using Wherry.Client;

namespace Wherry.Server.Tests.Deployments;

/// <summary>What an operator does to a running environment.</summary>
public sealed class OperatorTests(LiveWherry wherry)
{
    [Fact]
    public async Task KM_18_A_stopped_service_answers_no_one_and_a_started_one_everyone()
    {
        var project = await DeployedAsync();
        var host = $"{project}.localhost";

        Assert.Null((await wherry.EndAsync(await wherry.Client.StopAsync(project, "production", new ServicesRequest(), default))).Problem);
        Assert.Contains((await wherry.GetAsync(host)).Status, new[] { HttpStatusCode.ServiceUnavailable, HttpStatusCode.NotFound });
        Assert.DoesNotContain(await wherry.ContainersAsync(project), c => c.State == Docker.ContainerState.Running);
        Assert.True(Assert.Single(await wherry.Client.EnvironmentsAsync(project, default)).Stopped);

        Assert.Null((await wherry.EndAsync(await wherry.Client.StartAsync(project, "production", new ServicesRequest(), default))).Problem);
        Assert.Equal((HttpStatusCode.OK, "v1"), await wherry.GetAsync(host));
        Assert.False(Assert.Single(await wherry.Client.EnvironmentsAsync(project, default)).Stopped);
    }

    [Fact]
    public async Task KM_18_Starting_what_runs_and_stopping_what_is_stopped_changes_nothing()
    {
        var project = await DeployedAsync();
        var before = await wherry.IdsAsync(project, "web");

        var started = await wherry.EndAsync(await wherry.Client.StartAsync(project, "production", new ServicesRequest(), default));

        Assert.Equal(DeploymentOutcome.Succeeded, started.Outcome);
        Assert.Empty(started.Steps);
        Assert.Equal(before, await wherry.IdsAsync(project, "web"));

        await wherry.EndAsync(await wherry.Client.StopAsync(project, "production", new ServicesRequest(), default));
        var again = await wherry.EndAsync(await wherry.Client.StopAsync(project, "production", new ServicesRequest(), default));
        Assert.Equal(DeploymentOutcome.Succeeded, again.Outcome);
        Assert.Empty(again.Steps);
    }

    [Fact]
    public async Task KM_21_Maintenance_shows_its_message_survives_a_redeploy_and_goes()
    {
        var project = await DeployedAsync();
        var host = $"{project}.localhost";

        await wherry.Client.MaintenanceAsync(project, "production", new SetMaintenance(true, "Back at noon"), default);
        var (status, body) = await wherry.GetAsync(host);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("Back at noon", body, StringComparison.Ordinal);

        Assert.Null((await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v2") })).Problem);
        (status, body) = await wherry.GetAsync(host);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("Back at noon", body, StringComparison.Ordinal);
        Assert.Equal("maintenance", Assert.Single(await wherry.Client.ServicesAsync(project, "production", default)).State);

        await wherry.Client.MaintenanceAsync(project, "production", new SetMaintenance(false), default);
        Assert.Equal((HttpStatusCode.OK, "v2"), await wherry.GetAsync(host));
    }

    [Fact]
    public async Task Maintenance_has_a_page_of_the_service_a_list_of_those_who_get_through_and_an_end()
    {
        var project = await wherry.ProjectAsync();
        var host = $"{project}.localhost";
        var files = new Dictionary<string, string> { ["compose.yaml"] = ComposeText.Of(ComposeText.Web(host, wherry: "error_pages: { 503: closed.html }")), ["closed.html"] = "<b>{{message}}</b>" };
        Assert.Null((await wherry.DeployAsync(project, files)).Problem);

        await wherry.Client.MaintenanceAsync(project, "production", new SetMaintenance(true, "Back at noon", Allow: ["192.0.2.7"], Until: DateTimeOffset.UtcNow + TimeSpan.FromSeconds(4)), default);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "<b>Back at noon</b>"), await SeenInBrowserAsync(host));
        await LiveWherry.UntilAsync(async () => (await wherry.GetAsync(host)).Status == HttpStatusCode.OK);

        var problem = await Assert.ThrowsAsync<ApiException>(() => wherry.Client.MaintenanceAsync(project, "production", new SetMaintenance(true, Allow: ["home"]), default));
        Assert.Equal("edge/allow", problem.Problem.Code);
        await wherry.Client.MaintenanceAsync(project, "production", new SetMaintenance(true, Allow: ["127.0.0.0/8"]), default);
        Assert.Equal(HttpStatusCode.OK, (await wherry.GetAsync(host)).Status);
    }

    [Fact]
    public async Task Paused_requests_wait_and_are_answered_when_the_pause_ends()
    {
        var project = await DeployedAsync();
        await wherry.Client.PauseAsync(project, "production", new SetPause(true), default);

        var waiting = wherry.GetAsync($"{project}.localhost");
        await Task.Delay(700);
        Assert.False(waiting.IsCompleted);
        Assert.Equal("paused", Assert.Single(await wherry.Client.ServicesAsync(project, "production", default)).State);

        await wherry.Client.PauseAsync(project, "production", new SetPause(false), default);
        Assert.Equal((HttpStatusCode.OK, "v1"), await waiting);
    }

    [Fact]
    public async Task A_paused_request_is_told_after_the_longest_wait()
    {
        var project = await DeployedAsync();
        await wherry.Client.PauseAsync(project, "production", new SetPause(true, MaxWaitSeconds: 1), default);

        Assert.Equal(HttpStatusCode.GatewayTimeout, (await wherry.GetAsync($"{project}.localhost")).Status);
    }

    private async Task<(HttpStatusCode Status, string Body)> SeenInBrowserAsync(string host)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = wherry.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { Host = host, Accept = { new("text/html") } } };
        using var response = await http.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private async Task<string> DeployedAsync()
    {
        var project = await wherry.ProjectAsync();
        Assert.Null((await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v1") })).Problem);
        return project;
    }
}
