using System.Net;
using Wherry.Client;

namespace Wherry.Server.Tests.Deployments;

/// <summary>From <c>x-wherry.files</c> to what visitors get from the edge.</summary>
public sealed class SiteFilesTests(LiveWherry wherry)
{
    private const string Dockerfile = """
        FROM wherry-test/app:v1
        COPY dist /site/dist
        RUN ln -s /etc/passwd /site/dist/passwd
        """;

    [Fact]
    public async Task Files_of_the_image_are_served_by_the_edge_and_go_with_the_release()
    {
        var project = await wherry.ProjectAsync();
        var host = $"{project}.localhost";
        Assert.Null((await DeployAsync(project, replicas: 1, "first")).Problem);

        Assert.Equal((HttpStatusCode.OK, "<p>first</p>"), await wherry.GetAsync(host));
        Assert.Equal((HttpStatusCode.OK, "first"), await wherry.GetAsync(host, "/assets/app.js"));
        Assert.Equal(HttpStatusCode.OK, (await wherry.GetAsync(host, "/env")).Status); // the service itself
        Assert.DoesNotContain("root:", (await wherry.GetAsync(host, "/passwd")).Body, StringComparison.Ordinal);

        Assert.Null((await DeployAsync(project, replicas: 1, "second")).Problem);
        Assert.Equal((HttpStatusCode.OK, "<p>second</p>"), await wherry.GetAsync(host));

        Assert.Null((await wherry.EndAsync(await wherry.Client.RollbackAsync(project, "production", new RollbackRequest(), default))).Problem);
        Assert.Equal((HttpStatusCode.OK, "<p>first</p>"), await wherry.GetAsync(host));
        Assert.DoesNotContain(await wherry.ContainersAsync(project), c => c.Labels.ContainsKey(Labels.OneOff));
    }

    [Fact]
    public async Task A_site_without_a_container_is_served_and_replaced()
    {
        var project = await wherry.ProjectAsync();
        var host = $"{project}.localhost";

        Assert.Null((await DeployAsync(project, replicas: 0, "first")).Problem);
        Assert.Equal((HttpStatusCode.OK, "<p>first</p>"), await wherry.GetAsync(host));
        Assert.Equal(HttpStatusCode.NotFound, (await wherry.GetAsync(host, "/env")).Status);
        Assert.Empty(await wherry.ContainersAsync(project));

        Assert.Null((await DeployAsync(project, replicas: 0, "second")).Problem);
        Assert.Equal((HttpStatusCode.OK, "<p>second</p>"), await wherry.GetAsync(host));
    }

    [Fact]
    public async Task A_folder_that_is_not_in_the_image_fails_the_deployment_and_what_serves_serves_on()
    {
        var project = await wherry.ProjectAsync();
        Assert.Null((await DeployAsync(project, replicas: 1, "first")).Problem);

        var failed = await DeployAsync(project, replicas: 1, "second", from: "/site/gone");

        Assert.Equal("release/files-missing", failed.Problem?.Code);
        Assert.Equal((HttpStatusCode.OK, "<p>first</p>"), await wherry.GetAsync($"{project}.localhost"));
    }

    [Fact]
    public async Task While_canaries_wait_visitors_have_the_files_of_the_release_before()
    {
        var project = await wherry.ProjectAsync();
        Assert.Null((await DeployAsync(project, replicas: 1, "first")).Problem);

        var begun = await wherry.BeginAsync(project, Files(project, 1, "second", "/site/dist", "{ canary: 1 }"));
        await LiveWherry.UntilAsync(async () => (await wherry.VariablesAtAsync($"{project}.localhost"))["WHERRY_RELEASE"] == "r2");
        Assert.Equal((HttpStatusCode.OK, "<p>first</p>"), await wherry.GetAsync($"{project}.localhost"));
        await LiveWherry.UntilAsync(async () =>
        {
            try
            {
                await wherry.Client.PromoteAsync(begun.Id, default);
                return true;
            }
            catch (ApiException)
            {
                return false;
            }
        });

        Assert.Null((await wherry.EndAsync(begun)).Problem);
        Assert.Equal((HttpStatusCode.OK, "<p>second</p>"), await wherry.GetAsync($"{project}.localhost"));
    }

    private Task<Deployment> DeployAsync(string project, int replicas, string text, string from = "/site/dist") => wherry.DeployAsync(project, Files(project, replicas, text, from, "{}"));

    private static Dictionary<string, string> Files(string project, int replicas, string text, string from, string deploy) => new()
    {
        ["compose.yaml"] = $$"""
            services:
              web:
                build: .
                expose: ["3000"]
                deploy: { replicas: {{replicas}} }
                x-wherry:
                  routes: ["{{project}}.localhost"]
                  health: { path: /up, interval: 100ms, deadline: 40s }
                  deploy: {{deploy}}
                  files: { from: {{from}}, immutable: [/assets] }
            """,
        ["Dockerfile"] = Dockerfile,
        ["dist/index.html"] = $"<p>{text}</p>",
        ["dist/assets/app.js"] = text,
    };
}
