namespace Wherry.Compose.Tests.Interpolation;

public sealed class ProjectVariablesTests
{
    private const string File = "services: { web: { image: 'x:${A:-default}-${B:-default}' } }";

    private static readonly (string, string)[] Sources = [(".env", "A=dot\nB=dot"), ("one.env", "A=one\nB=one"), ("two.env", "A=two-$B")];

    [Fact]
    public void UC_17_The_environment_wins_over_the_env_file() => Assert.Equal("x:given-dot", Image(("A", "given")));

    [Theory]
    [InlineData("1", "x:default-default")]
    [InlineData("true", "x:default-default")]
    [InlineData("0", "x:dot-dot")]
    [InlineData("", "x:dot-dot")]
    public void UC_17_COMPOSE_DISABLE_ENV_FILE_turns_it_off(string value, string image) => Assert.Equal(image, Image(("COMPOSE_DISABLE_ENV_FILE", value)));

    [Fact]
    public void COMPOSE_ENV_FILES_reads_others_of_which_the_last_counts() => Assert.Equal("x:two-one-one", Image(("COMPOSE_ENV_FILES", "one.env,two.env")));

    [Fact]
    public void A_named_file_must_be_there() =>
        Assert.Equal("compose/file-missing", A.Problem(File, A.Vars(("COMPOSE_ENV_FILES", "gone.env"))).Code);

    [Fact]
    public void Files_that_the_caller_brings_take_its_place() =>
        Assert.Equal("x:mine-default", A.Service(ComposeReader.Read(A.Input(File, null, Sources) with { EnvFiles = [new("mine", "A=mine")] }).Model, "web").Image?.Value);

    [Fact]
    public void Each_place_that_asks_is_remembered_with_where_the_value_is_written()
    {
        var places = A.Read("services:\n  web:\n    image: x:$A\n    environment: [B, C]\n", A.Vars(("A", "1")), (".env", "\nB='x'\n")).Places;

        Assert.Equal(
            [
                new("A", "web", "compose.yaml:3:12", "x:$A", VariableOrigin.Environment, null),
                new("B", "web", "compose.yaml:4:18", "B", VariableOrigin.DotEnv, ".env:2"),
                new("C", "web", "compose.yaml:4:18", "C", VariableOrigin.Unset, null),
            ],
            places);
    }

    private static string? Image(params (string, string)[] variables) => A.Service(A.Read(File, A.Vars(variables), Sources).Model, "web").Image?.Value;
}
