using Wherry.Client;

namespace Wherry.Server.Tests.Deployments;

/// <summary>A variable that the example file names and nobody set is told before anything is built.</summary>
public sealed class UnsetVariableTests(LiveWherry wherry)
{
    private const string Example = "# Shop\nSTRIPE_KEY=\nSESSION_SECRET=<a long random text>\n\n# optional: errors are reported there\nSENTRY_DSN=\nLOG_LEVEL=info\n# OLD_NAME=\nHOME=\n";

    [Theory]
    [InlineData(".env.example")]
    [InlineData(".env.sample")]
    public async Task All_of_them_are_named_at_once_and_nothing_is_built(string file)
    {
        var project = await wherry.ProjectAsync();

        var refused = await wherry.DeployAsync(project, Tree(file));

        Assert.Equal("env/unset", refused.Problem!.Code);
        Assert.StartsWith($"SESSION_SECRET, STRIPE_KEY are named by {file}", refused.Problem.Message, StringComparison.Ordinal);
        Assert.Contains("wherry env set --no-deploy SESSION_SECRET=… STRIPE_KEY=…", refused.Problem.Hint, StringComparison.Ordinal);
        Assert.DoesNotContain("building", await wherry.LogAsync(refused), StringComparison.Ordinal);
        var plan = await Assert.ThrowsAsync<ApiException>(() => PlanAsync(project, Tree(file)));
        Assert.Equal("env/unset", plan.Problem.Code);
    }

    [Fact]
    public async Task Set_as_variable_or_secret_also_to_nothing_they_are_fine()
    {
        var project = await wherry.ProjectAsync();
        await wherry.Client.ChangeVariablesAsync(project, "production", new ChangeVariables(new Dictionary<string, string> { ["STRIPE_KEY"] = "" }, []), default);
        Assert.StartsWith("SESSION_SECRET is named", (await wherry.DeployAsync(project, Tree(".env.example"))).Problem!.Message, StringComparison.Ordinal);
        await wherry.Client.ChangeVariablesAsync(project, "production", new ChangeVariables(new Dictionary<string, string> { ["SESSION_SECRET"] = "long-and-random" }, [], Secret: true), default);

        Assert.Null((await wherry.DeployAsync(project, Tree(".env.example"))).Problem);
    }

    [Fact]
    public async Task What_the_Compose_file_or_the_Dockerfile_sets_is_set_and_what_it_only_mentions_is_not()
    {
        var project = await wherry.ProjectAsync();
        var files = new Dictionary<string, string>
        {
            [".env.example"] = "FROM_ROOT=\n",
            ["api/.env.example"] = "IN_FILE=\nIN_IMAGE=\nIN_ARGS=\nWITH_DEFAULT=\nMENTIONED=\n",
            ["api/Dockerfile"] = $"FROM {LiveWherry.Image("v1")}\nENV A=1 \\\n  IN_IMAGE=yes\n",
            ["compose.yaml"] = "services:\n  api:\n    build: { context: api, args: { IN_ARGS: x } }\n    environment:\n      IN_FILE: here\n      OTHER: ${WITH_DEFAULT:-some}\n      MENTIONED: ${MENTIONED}\n",
            [".env"] = "FROM_ROOT=x\n",
        };

        var refused = await wherry.DeployAsync(project, files);

        Assert.Equal("env/unset", refused.Problem!.Code);
        Assert.StartsWith("MENTIONED is named by api/.env.example", refused.Problem.Message, StringComparison.Ordinal);
    }

    private async Task<DeployPlan> PlanAsync(string project, IReadOnlyDictionary<string, string> files)
    {
        var upload = await wherry.Client.UploadAsync(project, "production", (stream, ct) => LiveWherry.WriteTarAsync(stream, files, ct), default);
        return await wherry.Client.PlanAsync(project, "production", new DeployRequest { Upload = upload.Id }, default);
    }

    private static Dictionary<string, string> Tree(string file) => new() { ["Dockerfile"] = $"FROM {LiveWherry.Image("v1")}\n", [file] = Example };
}
