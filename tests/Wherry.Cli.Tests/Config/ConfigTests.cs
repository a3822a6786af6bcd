using System.Text.Json;
using Wherry.Cli.Frame;
using Wherry.Core.Model;

namespace Wherry.Cli.Tests.Config;

public sealed class ConfigTests : IDisposable
{
    private readonly TempFolder _folder = A.Folder();

    public ConfigTests()
    {
        _folder.Write("compose.yaml", """
            services:
              web:
                image: shop:${TAG:-1}
                environment: { COLOUR: "${COLOUR}", DB_PASSWORD: "${DB_PASSWORD}", LITERAL_TOKEN: "in-the-file" }
                volumes: ["./data:/data"]
              worker: { extends: { file: common/base.yaml, service: base }, profiles: [jobs] }
            """);
        _folder.Write("compose.override.yaml", "services: { web: { labels: [from=override] } }\n");
        _folder.Write("prod.yaml", "services: { web: { image: shop:prod } }\n");
        _folder.Write("common/base.yaml", "services: { base: { image: 'worker:${TAG:-dev}' } }\n");
        _folder.Write(".env", "# colours\nCOLOUR=green\nDB_PASSWORD=hunter2\n");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_resolved_model_is_printed_without_values_of_secrets()
    {
        var ran = await RunAsync();

        Assert.Equal(0, ran.Code);
        Assert.Contains("image: shop:1\n", ran.Out, StringComparison.Ordinal);
        Assert.Contains("COLOUR: green\n", ran.Out, StringComparison.Ordinal);
        Assert.Contains("DB_PASSWORD: ${DB_PASSWORD}\n", ran.Out, StringComparison.Ordinal);
        Assert.Contains("LITERAL_TOKEN: ${LITERAL_TOKEN}\n", ran.Out, StringComparison.Ordinal);
        Assert.Contains("from: override\n", ran.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", ran.Out + ran.Err, StringComparison.Ordinal);
        Assert.Contains("warning: compose.yaml:5:15 services.web.volumes[0]: \"./data\" is not in the source", ran.Err, StringComparison.Ordinal);
        Assert.Contains("hunter2", (await RunAsync("--with-secrets")).Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--format", "json")]
    [InlineData("--json")]
    public async Task The_same_as_JSON(params string[] args)
    {
        using var json = JsonDocument.Parse((await RunAsync(args)).Out);

        Assert.Equal("shop:1", json.RootElement.GetProperty("services").GetProperty("web").GetProperty("image").GetString());
    }

    [Fact]
    public async Task Files_profiles_and_variables_can_be_named()
    {
        _folder.Write("other.env", "TAG=7\nCOLOUR=red\n");
        var ran = await RunAsync("-f", "compose.yaml", "-f", "prod.yaml", "--profile", "jobs", "--env-file", "other.env");

        Assert.Contains("image: shop:prod\n", ran.Out, StringComparison.Ordinal);
        Assert.Contains("image: worker:7\n", ran.Out, StringComparison.Ordinal);
        Assert.Contains("COLOUR: red\n", ran.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("from: override", ran.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--services", "web\n")]
    [InlineData("--volumes", "data\n")]
    [InlineData("--images", "shop:1\n")]
    [InlineData("--profiles", "jobs\n")]
    [InlineData("--variables", "COLOUR .env:2\nDB_PASSWORD .env:3\nTAG default\n")]
    public async Task Lists_are_one_line_each(string option, string lines) => Assert.Equal(lines, (await RunAsync(option)).Out);

    [Fact]
    public async Task The_hash_is_the_one_that_containers_are_labelled_with()
    {
        var before = (await RunAsync("--hash")).Out;
        var web = new ServiceSpec { Name = ServiceName.Parse("web"), Image = ImageReference.Parse("x"), Networks = new Dictionary<string, NetworkAttachment> { ["default"] = new([]) } };
        _folder.Write("plain/compose.yaml", "services: { web: { image: x } }\n");

        Assert.Matches("^web [0-9a-f]{16}\n$", before);
        Assert.Equal($"web {SpecHash.Of(web)}\n", (await RunAsync("--hash", "plain")).Out);
        _folder.Write(".env", "COLOUR=blue\nDB_PASSWORD=hunter2\n");
        Assert.NotEqual(before, (await RunAsync("--hash")).Out);
    }

    [Fact]
    public async Task UC_17_A_variable_is_explained_with_where_its_value_comes_from()
    {
        Assert.Matches(@"\A.*\n\.env:2 +compose.yaml:4:28 +web +""\$\{COLOUR\}""\n\z", (await RunAsync("--explain", "COLOUR")).Out);
        Assert.Matches(@"default +compose.yaml:3:12 +web +""shop:\$\{TAG:-1\}""\n", (await RunAsync("--explain", "TAG")).Out);
        Assert.Matches(@"environment +compose.yaml:4:28 ", (await RunAsync([("COLOUR", "red")], "--explain", "COLOUR")).Out);
        Assert.Matches(@"unset +compose.yaml:4:28 ", (await RunAsync([("COMPOSE_DISABLE_ENV_FILE", "1")], "--explain", "COLOUR")).Out);
        Assert.Matches(@"default +common/base.yaml:1:28 +worker +""worker", (await RunAsync("--profile", "jobs", "--explain", "TAG")).Out);

        var unknown = await RunAsync("--explain", "GONE");
        Assert.Contains("No file asks for the variable \"GONE\".", unknown.Err, StringComparison.Ordinal);
        Assert.Equal((int)Exit.Rejected, unknown.Code);
    }

    [Fact]
    public async Task What_is_wrong_is_told_and_quiet_says_nothing_else()
    {
        var fine = await RunAsync("--quiet");
        _folder.Write("compose.override.yaml", "services: { web: { cpus: many } }\n");
        var wrong = await RunAsync("--quiet");

        Assert.Equal((0, ""), (fine.Code, fine.Out + fine.Err));
        Assert.Contains("compose.override.yaml:1:26 services.web.cpus: must be a number of cores", wrong.Err, StringComparison.Ordinal);
        Assert.Equal((int)Exit.Rejected, wrong.Code);
    }

    [Theory]
    [InlineData("compose/file-missing", "-f", "gone.yaml")]
    [InlineData("source/path", "-f", "../out.yaml")]
    [InlineData("cli/file", "--env-file", "gone.env")]
    [InlineData("cli/no-folder", "gone")]
    [InlineData("compose/file-missing", "common")]
    [InlineData("cli/usage", "--hash", "--services")]
    [InlineData("cli/usage", "--format", "xml")]
    public async Task What_cannot_be_read_is_told(string code, params string[] args)
    {
        var ran = await RunAsync(args);

        Assert.Contains($"({code})", ran.Err, StringComparison.Ordinal);
        Assert.Empty(ran.Out);
    }

    private Task<Ran> RunAsync(params string[] args) => RunAsync([], args);

    private Task<Ran> RunAsync((string Name, string Value)[] variables, params string[] args) =>
        A.RunAsync(A.World(_folder.Path) with { Variables = () => variables.ToDictionary(v => v.Name, v => v.Value) }, ["config", .. args]);
}
