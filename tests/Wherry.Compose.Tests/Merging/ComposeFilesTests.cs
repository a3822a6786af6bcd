using Wherry.Core.Problems;

namespace Wherry.Compose.Tests.Merging;

public sealed class ComposeFilesTests
{
    [Fact]
    public void The_Compose_file_is_found_in_Composes_order()
    {
        string[] order = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
        for (var i = 0; i < order.Length; i++)
        {
            Assert.Equal(order[i], Assert.Single(Find([], [.. order.Skip(i)])));
        }

        Assert.Empty(Find([]));
    }

    [Theory]
    [InlineData("compose.override.yaml")]
    [InlineData("compose.override.yml")]
    [InlineData("docker-compose.override.yml")]
    [InlineData("docker-compose.override.yaml")]
    public void DC_18_An_override_file_beside_it_is_read_after_it(string name) => Assert.Equal(["compose.yml", name], Find([], "compose.yml", name));

    [Fact]
    public void COMPOSE_FILE_names_the_files_and_then_no_override_is_looked_for()
    {
        Assert.Equal(["compose.yaml", "deploy/prod.yaml"], Find([("COMPOSE_FILE", "compose.yaml:./deploy/prod.yaml")], "compose.yaml", "compose.override.yaml", "deploy/prod.yaml"));
        Assert.Equal(["a.yaml", "b.yaml"], Find([("COMPOSE_FILE", "a.yaml;b.yaml"), ("COMPOSE_PATH_SEPARATOR", ";")], "a.yaml", "b.yaml"));
    }

    [Fact]
    public void The_env_file_may_name_them_and_the_environments_variables_win()
    {
        var files = InMemoryFiles.Of([(".env", "COMPOSE_FILE=a.yaml\n"), ("a.yaml", "x"), ("b.yaml", "x")]);

        Assert.Equal(["a.yaml"], ComposeFiles.Find(files, A.Vars()));
        Assert.Equal(["b.yaml"], ComposeFiles.Find(files, A.Vars(("COMPOSE_FILE", "b.yaml"))));
    }

    [Theory]
    [InlineData("gone.yaml", "compose/file-missing")]
    [InlineData("../other.yaml", "source/path")]
    [InlineData("/etc/compose.yaml", "source/path")]
    public void A_file_that_is_not_in_the_source_is_refused(string name, string code) =>
        Assert.Equal(code, Assert.Throws<ProblemException>(() => Find([("COMPOSE_FILE", name)], "compose.yaml")).Problem.Code);

    private static IReadOnlyList<string> Find((string, string)[] variables, params string[] names) => ComposeFiles.Find(InMemoryFiles.Of(names.Select(n => (n, "x"))), A.Vars(variables));
}
