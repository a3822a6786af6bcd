using Wherry.Cli.Up;

namespace Wherry.Cli.Tests.Up;

public sealed class DownTests
{
    [Fact]
    public async Task KM_13_Purging_where_nothing_is_installed_succeeds_and_touches_nothing()
    {
        using var folder = A.Folder();
        var precious = folder.Write("precious.txt", "mine");

        var ran = await A.RunAsync("down", "--purge", "--home", folder.Path);

        Assert.Equal(0, ran.Code);
        Assert.Contains("nothing to do", ran.Err, StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(precious, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/etc")]
    public void A_folder_that_wherry_did_not_make_is_no_home(string folder) => Assert.False(DownCommand.IsHome(folder));
}
