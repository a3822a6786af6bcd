using System.Net;
using System.Net.Sockets;
using Wherry.Client;
using Wherry.Docker;
using Wherry.Server.Tests.Deployments;

namespace Wherry.Server.Tests.Preflight;

/// <summary>RG-22. What the server cannot give is refused before anything is built, and shown by the plan.</summary>
public sealed class PreflightTests(LiveWherry wherry)
{
    [Fact]
    public async Task Everything_that_is_in_the_way_is_told_at_once_before_the_build()
    {
        var taken = await wherry.ProjectAsync();
        Assert.Null((await wherry.DeployComposeAsync(taken, ComposeText.Of(ComposeText.Web($"{taken}.localhost")))).Problem);
        var project = await wherry.ProjectAsync();
        using var holder = new TcpListener(IPAddress.Loopback, 0);
        holder.Start();
        var port = ((IPEndPoint)holder.LocalEndpoint).Port;
        var volume = $"foreign-{project}";
        await wherry.Engine.Volumes.CreateAsync(new VolumeCreate { Name = volume }, default);
        try
        {
            var files = new Dictionary<string, string>
            {
                ["Dockerfile"] = $"FROM {LiveWherry.Image("v1")}\nRUN echo built\n",
                ["compose.yaml"] = $$"""
                    services:
                      web:
                        build: .
                        ports: ["{{port}}:3000"]
                        volumes: ["data:/data"]
                        deploy: { resources: { limits: { memory: 9000g, cpus: "500" } } }
                        x-wherry: { routes: ["{{taken}}.localhost"] }
                    volumes: { data: { name: {{volume}} } }
                    """,
            };
            string[] codes = ["port/taken", "route/host-taken", "service/cpu-limit", "service/memory-limit", "volume/foreign"];

            var failed = await wherry.DeployAsync(project, files);

            Assert.Equal("deployment/refused", failed.Problem!.Code);
            Assert.All(codes, code => Assert.Contains($"({code})", failed.Problem.Message, StringComparison.Ordinal));
            Assert.Contains($"{taken}/production", failed.Problem.Message, StringComparison.Ordinal);
            Assert.Contains($"(process {Environment.ProcessId})", failed.Problem.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("building web", await wherry.LogAsync(failed), StringComparison.Ordinal);
            Assert.Empty(await wherry.ContainersAsync(project));

            var upload = await wherry.Client.UploadAsync(project, "production", (stream, ct) => LiveWherry.WriteTarAsync(stream, files, ct), default);
            var plan = await wherry.Client.PlanAsync(project, "production", new DeployRequest { Upload = upload.Id }, default);
            Assert.Equal(codes, plan.Refusals.Select(r => r.Code).Order(StringComparer.Ordinal));
        }
        finally
        {
            await wherry.Engine.Volumes.RemoveAsync(volume, default);
        }
    }

    [Fact]
    public async Task A_port_of_another_environment_is_told_by_its_name_and_ones_own_is_no_obstacle()
    {
        var (first, second) = (await wherry.ProjectAsync(), await wherry.ProjectAsync());
        var port = FreePort();
        string Compose(string mark) => ComposeText.Of(ComposeText.Service("game", "v1", $"ports: [\"127.0.0.1:{port}:3000\"]\nenvironment: {{ MARK: {mark} }}"));
        Assert.Null((await wherry.DeployComposeAsync(first, Compose("a"))).Problem);

        var failed = await wherry.DeployComposeAsync(second, Compose("a"));

        Assert.Equal("route/port-taken", failed.Problem!.Code);
        Assert.Contains($"{first}/production", failed.Problem.Message, StringComparison.Ordinal);
        Assert.Null((await wherry.DeployComposeAsync(first, Compose("b"))).Problem);
    }

    [Fact]
    public async Task What_leads_out_of_a_container_takes_a_capability_that_only_an_administrator_gives()
    {
        var project = await wherry.ProjectAsync();
        var compose = ComposeText.Of(ComposeText.Web($"{project}.localhost", keys: "volumes: [\"/etc:/host:ro\"]"));

        var refused = await wherry.DeployComposeAsync(project, compose);
        Assert.Equal("capability/forbidden", refused.Problem!.Code);
        Assert.Contains("web reads or changes files of the server itself (mounts /etc)", refused.Problem.Message, StringComparison.Ordinal);
        Assert.Empty(await wherry.ContainersAsync(project));

        var token = await wherry.Client.CreateTokenAsync(new CreateToken($"ci-{project}", TokenScope.Deploy), default);
        using var deployer = WherryClient.OverHttp(new Uri($"http://{wherry.Options.Listen}"), token.Secret);
        Assert.Equal("token/scope", (await Assert.ThrowsAsync<ApiException>(() => deployer.AllowAsync(project, "host-files", default))).Problem.Code);

        await wherry.Client.AllowAsync(project, "host-files", default);
        await wherry.Client.AllowAsync(project, "host-files", default);
        var allowed = await wherry.DeployComposeAsync(project, compose);
        Assert.Null(allowed.Problem);
        Assert.Contains("host-files by web (mounts /etc)", await wherry.LogAsync(allowed), StringComparison.Ordinal);
        Assert.Equal(["host-files"], (await wherry.Client.ProjectsAsync(default)).Single(p => p.Name == project).Allowed);

        // What runs goes on, and can be had back; nothing new comes.
        await wherry.Client.ForbidAsync(project, "host-files", default);
        Assert.Equal("capability/forbidden", (await wherry.DeployComposeAsync(project, compose)).Problem!.Code);
        Assert.NotEmpty(await wherry.ContainersAsync(project));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
