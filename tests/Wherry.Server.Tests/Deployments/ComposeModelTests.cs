using Wherry.Client;

namespace Wherry.Server.Tests.Deployments;

/// <summary>What runs, as a Compose file for others.</summary>
public sealed class ComposeModelTests(LiveWherry wherry)
{
    [Fact]
    public async Task The_model_of_an_environment_names_its_secrets_and_never_tells_them()
    {
        var project = await wherry.ProjectAsync();
        async Task SetAsync(string name, string value, bool secret, string? service = null) =>
            await wherry.Client.ChangeVariablesAsync(project, "production", new ChangeVariables(new Dictionary<string, string> { [name] = value }, [], Service: service, Secret: secret, Deploy: false), default);
        await SetAsync("DB_PASSWORD", "hunter2-old", secret: true);
        await SetAsync("LEVEL", "debug", secret: false);
        await SetAsync("OWN", "hunter4-own", secret: true, "web");
        Assert.Null((await wherry.DeployAsync(project, new Dictionary<string, string>
        {
            ["compose.yaml"] = ComposeText.Of(
                ComposeText.Web($"{project}.localhost", keys: "environment: { URL: \"postgres://u:${DB_PASSWORD}@db\", LEVEL: \"${LEVEL}\" }\nsecrets: [pem]"),
                ComposeText.Service("other", keys: "build: .")) + "secrets: { pem: { file: key.pem } }\n",
            ["key.pem"] = "hunter3-pem",
            ["Dockerfile"] = $"FROM {LiveWherry.Image("v1")}\n",
        })).Problem);
        // What the release was made with is no longer the secret's value.
        await SetAsync("DB_PASSWORD", "hunter2-new", secret: true);
        await wherry.EndAsync(await wherry.Client.ScaleAsync(project, "production", new ScaleRequest(new Dictionary<string, int> { ["other"] = 2 }), default));

        var model = await wherry.Client.ComposeModelAsync(project, "production", default);

        Assert.DoesNotContain("hunter", model.Compose, StringComparison.Ordinal);
        Assert.DoesNotContain(model.Files.Values, f => System.Text.Encoding.UTF8.GetString(f).Contains("hunter", StringComparison.Ordinal));
        Assert.Contains("URL: postgres://u:${DB_PASSWORD}@db\n", model.Compose, StringComparison.Ordinal);
        Assert.Contains("LEVEL: debug\n", model.Compose, StringComparison.Ordinal);
        Assert.Contains("OWN: ${OWN}\n", model.Compose, StringComparison.Ordinal);
        Assert.Contains("replicas: 2\n", model.Compose, StringComparison.Ordinal);
        Assert.Contains($"{project}/production/other:r1\n", model.Compose, StringComparison.Ordinal);
        Assert.Equal(["DB_PASSWORD", "OWN", "PEM"], model.Secrets.Order());
        Assert.Equal(1, model.Release);
    }

    [Fact]
    public async Task A_project_without_a_Compose_file_has_its_route_and_one_without_a_release_is_a_problem()
    {
        var project = await wherry.ProjectAsync();
        var none = await Assert.ThrowsAsync<ApiException>(() => wherry.Client.ComposeModelAsync(project, "production", default));
        Assert.Null((await wherry.DeployAsync(project, new DeployRequest { Image = LiveWherry.Image("v1"), Port = 3000, Host = $"{project}.localhost" })).Problem);

        var model = await wherry.Client.ComposeModelAsync(project, "production", default);

        Assert.Equal("release/none", none.Problem.Code);
        Assert.Contains($"- host: {project}.localhost\n", model.Compose, StringComparison.Ordinal);
        Assert.Contains($"image: {LiveWherry.Image("v1")}\n", model.Compose, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_in_the_place_of_a_port_is_a_problem_that_says_so()
    {
        var project = await wherry.ProjectAsync();
        await wherry.Client.ChangeVariablesAsync(project, "production", new ChangeVariables(new Dictionary<string, string> { ["PORT"] = "3000" }, [], Secret: true, Deploy: false), default);
        Assert.Null((await wherry.DeployComposeAsync(project, ComposeText.Of(ComposeText.Service("web", keys: "expose: [\"${PORT}\"]")))).Problem);

        var refused = await Assert.ThrowsAsync<ApiException>(() => wherry.Client.ComposeModelAsync(project, "production", default));

        Assert.Equal("release/secret-as-key", refused.Problem.Code);
    }
}
