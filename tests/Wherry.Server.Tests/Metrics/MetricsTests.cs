using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Wherry.Client;
using Wherry.Server.Metrics;
using Wherry.Server.Tests.Deployments;

namespace Wherry.Server.Tests.Metrics;

/// <summary>Numbers for Prometheus.</summary>
public sealed partial class MetricsTests(LiveWherry wherry)
{
    [Fact]
    public async Task What_happened_is_counted_and_what_runs_is_told_by_environment()
    {
        var project = await wherry.ProjectAsync();
        await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v1") });
        await LiveWherry.UntilAsync(async () => (await GetAsync("/metrics")).Contains("wherry_deployments_total{kind=\"deploy\",outcome=\"succeeded\"}", StringComparison.Ordinal));

        var text = await GetAsync("/metrics");

        Assert.Contains($"wherry_replicas_wanted{{project=\"{project}\",environment=\"production\"}} 1\n", text, StringComparison.Ordinal);
        Assert.Contains($"wherry_replicas_running{{project=\"{project}\",environment=\"production\"}} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("wherry_deployment_step_duration_seconds_count{step=\"switch-traffic\",outcome=\"done\"}", text, StringComparison.Ordinal);
        Assert.Contains("wherry_engine_call_duration_seconds_count{object=\"container\",outcome=\"ok\"}", text, StringComparison.Ordinal);
        Assert.Contains("wherry_engine_up 1\n", text, StringComparison.Ordinal);
        Assert.Contains("wherry_edge_up 1\n", text, StringComparison.Ordinal);
        Assert.Matches(@"\nwherry_deployment_queue_length \d+\n", text); // other tests queue too

        await wherry.Client.RemoveProjectAsync(project, volumes: true, default);
        Assert.DoesNotContain(project, await GetAsync("/metrics"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/metrics")]
    [InlineData("/metrics/edge")]
    public async Task Promtool_finds_nothing_to_complain_about(string path)
    {
        var project = await wherry.ProjectAsync();
        await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v1") });
        await wherry.GetAsync($"{project}.localhost");
        using var promtool = Process.Start(new ProcessStartInfo("promtool", ["check", "metrics"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        await promtool.StandardInput.WriteAsync(await GetAsync(path));
        promtool.StandardInput.Close();
        var said = await promtool.StandardOutput.ReadToEndAsync() + await promtool.StandardError.ReadToEndAsync();
        await promtool.WaitForExitAsync();

        Assert.True(promtool.ExitCode == 0 && said.Length == 0, said);
    }

    [Fact]
    public async Task Numbers_need_a_token_that_may_read()
    {
        using var http = new HttpClient();
        var address = new Uri($"http://{wherry.Options.Listen}/metrics");
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync(address)).StatusCode);

        var token = await wherry.Client.CreateTokenAsync(new CreateToken($"scrape-{Guid.NewGuid():N}", TokenScope.Read), default);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.Secret);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(address)).StatusCode);
    }

    [Fact]
    public async Task The_page_lists_every_number_and_no_other()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(LiveWherry.RepositoryRoot(), "docs/operate/metrics.md"), TestContext.Current.CancellationToken);
        var told = Families().Matches(await GetAsync("/metrics") + await GetAsync("/metrics/edge")).Select(m => m.Groups["name"].Value);
        var names = wherry.Services.GetRequiredService<MeterBook>().Names.Concat(told).ToHashSet();

        Assert.Equal(names.Order(StringComparer.Ordinal), Listed().Matches(page).Select(m => m.Groups["name"].Value).Distinct().Order(StringComparer.Ordinal));
    }

    private async Task<string> GetAsync(string path)
    {
        using var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, ct) =>
            {
                var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
                await socket.ConnectAsync(new System.Net.Sockets.UnixDomainSocketEndPoint(wherry.Options.Socket), ct);
                return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
            },
        });
        return await http.GetStringAsync(new Uri($"http://wherry{path}"));
    }

    [GeneratedRegex("(?m)^# TYPE (?<name>[a-z_]+) ")]
    private static partial Regex Families();

    [GeneratedRegex(@"(?m)^\| `(?<name>[a-z_]+)`")]
    private static partial Regex Listed();
}
