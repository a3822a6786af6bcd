using Wherry.Core.Problems;

namespace Wherry.Server.Tests;

public sealed class HomeIdTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("wherry-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_home_keeps_its_id_and_another_gets_another()
    {
        var id = HomeId.Open(_folder);
        var other = Directory.CreateDirectory(Path.Combine(_folder, "other")).FullName;

        Assert.Matches("^[0-9a-f]{8}$", id.Value);
        Assert.Equal(id, HomeId.Open(_folder));
        Assert.NotEqual(id, HomeId.Open(other));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder, "home.id")));
    }

    [Theory]
    [InlineData("abcdef012345", "")]
    [InlineData("abcdef01", "abcdef01-")]
    public void The_id_alone_says_whether_names_begin_with_it(string text, string prefix)
    {
        File.WriteAllText(Path.Combine(_folder, "home.id"), $"{text}\n");

        Assert.Equal((text, prefix), (HomeId.Open(_folder).Value, HomeId.Open(_folder).NamePrefix));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ABCDEF012345")]
    [InlineData("abcdef01234")]
    [InlineData("abcdef012345, other")]
    public void A_broken_id_is_refused_because_a_new_one_would_orphan_everything_that_runs(string text)
    {
        File.WriteAllText(Path.Combine(_folder, "home.id"), text);

        Assert.Equal("store/home-id", Assert.Throws<ProblemException>(() => HomeId.Open(_folder)).Problem.Code);
    }
}
