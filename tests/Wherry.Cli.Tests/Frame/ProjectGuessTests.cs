using Wherry.Cli.Frame;
using Wherry.Core.Model;
using Wherry.Core.Problems;

namespace Wherry.Cli.Tests.Frame;

public sealed class ProjectGuessTests
{
    private static readonly CancellationToken Now = TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_remote_named_wherry_wins_over_the_compose_file_and_the_folder()
    {
        using var folder = A.Folder();
        folder.Write("compose.yaml", "name: other\nservices: {}\n");
        await GitProgram.RequireAsync(folder.Path, ["init", "--quiet"], Now);
        await GitProgram.RequireAsync(folder.Path, ["remote", "add", "wherry", "http://host:7070/git/shop.git"], Now);

        Assert.Equal(new ProjectGuess("shop", "the Git remote `wherry`"), await ProjectGuess.OfFolderAsync(folder.Path, Now));
    }

    [Theory]
    [InlineData("name: shop\nservices: {}\n", "shop")]
    [InlineData("services: {}\nname: \"My_Shop\" # of mine\n", "my-shop")]
    [InlineData("name: 'shop'\r\nservices: {}\r\n", "shop")]
    public async Task The_compose_files_name_wins_over_the_folder(string compose, string expected)
    {
        using var folder = A.Folder();
        folder.Write("docker-compose.yml", compose);

        Assert.Equal(new ProjectGuess(expected, "docker-compose.yml"), await ProjectGuess.OfFolderAsync(folder.Path, Now));
    }

    [Fact]
    public async Task Of_two_compose_files_the_one_that_is_deployed_gives_the_name()
    {
        using var folder = A.Folder();
        folder.Write("docker-compose.yaml", "name: second\n");
        folder.Write("docker-compose.yml", "name: first\n");

        Assert.Equal("first", (await ProjectGuess.OfFolderAsync(folder.Path, Now)).Name);
    }

    [Theory]
    [InlineData("services:\n  name: web\n")]
    [InlineData("name: ${NAME}\n")]
    public async Task A_name_further_down_or_made_of_variables_is_not_the_projects(string compose)
    {
        using var folder = A.Folder();
        folder.Write("shop/compose.yaml", compose);

        Assert.Equal(new ProjectGuess("shop", "the folder's name"), await ProjectGuess.OfFolderAsync(Path.Combine(folder.Path, "shop"), Now));
    }

    [Fact]
    public async Task A_folder_that_gives_no_name_is_a_problem_with_a_way_out()
    {
        var problem = await Assert.ThrowsAsync<ProblemException>(() => ProjectGuess.OfFolderAsync("/", Now));

        Assert.Equal("cli/no-project", problem.Problem.Code);
        Assert.Contains("--project", problem.Problem.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("My Shop!", "my-shop")]
    [InlineData("2024-shop", "shop")]
    [InlineData("--a__b--", "a-b")]
    [InlineData("ünï", "n")]
    [InlineData("a-very-long-name-that-does-not-fit-into-one-label-at-all", "a-very-long-name-that-does-not-fit-into")]
    public void Any_text_becomes_the_nearest_valid_name(string text, string expected)
    {
        Assert.Equal(expected, ProjectGuess.Valid(text));
        Assert.Equal(expected, ProjectName.Parse(expected).Value);
    }

    [Theory]
    [InlineData("nginx:1.27", "nginx")]
    [InlineData("ghcr.io/team/shop@sha256:0123", "shop")]
    [InlineData("localhost:5000/shop", "shop")]
    public void An_image_names_the_project(string image, string expected) => Assert.Equal(expected, ProjectGuess.OfImage(image)?.Name);

    [Theory]
    [InlineData("https://example.com/team/shop.git", "shop")]
    [InlineData("git@example.com:shop.git", "shop")]
    [InlineData("https://example.com/team/shop/", "shop")]
    public void A_repository_names_the_project(string url, string expected) => Assert.Equal(expected, ProjectGuess.OfAddress(url)?.Name);
}
