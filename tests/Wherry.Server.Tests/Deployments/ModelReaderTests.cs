using Wherry.Client;
using Wherry.Compose;
using Wherry.Core.Problems;
using Wherry.Server.Deployments;
using Wherry.Server.Secrets;

namespace Wherry.Server.Tests.Deployments;

public sealed class ModelReaderTests
{
    private static readonly InMemoryFiles Source = InMemoryFiles.Of(
    [
        ("compose.yaml", "services: { web: { image: plain } }"),
        ("compose.override.yaml", "services: { web: { image: overridden } }"),
        ("prod.yaml", "services: { web: { image: '${TAG:-prod}' } }"),
    ]);

    [Fact]
    public void An_override_file_is_read_and_read_again_from_what_the_release_kept()
    {
        var read = ModelReader.ReadSource(Source, ModelInput.Of(new()), Variables());

        Assert.Equal("overridden", Image(read));
        Assert.Equal(["compose.override.yaml", "compose.yaml"], read.Input.Files.Keys.Order());
        Assert.Equal("overridden", Image(ModelReader.ReadAgain(read.Input, Variables())));
    }

    [Fact]
    public void The_request_names_files_and_they_win_over_COMPOSE_FILE()
    {
        var asked = ModelInput.Of(new DeployRequest { ComposeFiles = ["compose.yaml", "./prod.yaml"] });
        var read = ModelReader.ReadSource(Source, asked, Variables(("COMPOSE_FILE", "compose.yaml")));

        Assert.Equal("prod", Image(read));
        Assert.Equal("later", Image(ModelReader.ReadAgain(read.Input, Variables(("TAG", "later")))));
        Assert.Equal("plain", Image(ModelReader.ReadSource(Source, ModelInput.Of(new()), Variables(("COMPOSE_FILE", "compose.yaml")))));
    }

    [Fact]
    public void A_named_file_that_is_not_there_is_told() =>
        Assert.Equal("compose/file-missing", Assert.Throws<ProblemException>(() => ModelReader.ReadSource(Source, ModelInput.Of(new DeployRequest { ComposeFiles = ["gone.yaml"] }), Variables())).Problem.Code);

    [Fact]
    public void A_default_in_an_included_file_is_a_value_of_what_an_example_names()
    {
        var source = InMemoryFiles.Of([("compose.yaml", "include: [sub.yaml]\nservices: { web: { image: x } }"), ("sub.yaml", "services: { db: { image: 'db:${PG:-17}' } }"), (".env.example", "PG=\n")]);

        Assert.Equal(2, ModelReader.ReadSource(source, ModelInput.Of(new()), Variables()).Model.Services.Count);
    }

    private static string? Image(PreparedModel read) => read.Model.Services.Values.Single().Image?.Value;

    private static Variables Variables(params (string Name, string Value)[] all) => new([.. all.Select(v => new VariableValue("", v.Name, v.Value, Secret: false, default))]);
}
