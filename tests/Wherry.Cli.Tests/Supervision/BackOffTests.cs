using Wherry.Cli.Supervision;

namespace Wherry.Cli.Tests.Supervision;

public sealed class BackOffTests
{
    [Fact]
    public void Pauses_double_to_half_a_minute_and_are_short_again_after_a_minute_of_peace()
    {
        var backOff = new BackOff();

        var pauses = Enumerable.Range(0, 9).Select(_ => backOff.After(TimeSpan.FromSeconds(1)).TotalSeconds).ToList();

        Assert.Equal([0.5, 1, 2, 4, 8, 16, 30, 30, 30], pauses);
        Assert.Equal(0.5, backOff.After(TimeSpan.FromMinutes(1)).TotalSeconds);
        Assert.Equal(1, backOff.After(TimeSpan.FromSeconds(1)).TotalSeconds);
    }

    [Fact]
    public void One_process_holds_a_role_of_a_home_and_the_lock_goes_with_it()
    {
        using var home = A.Folder();
        using (OnlyOne.InHome(home.Path, "server"))
        {
            Assert.Null(OnlyOne.TryInHome(home.Path, "server"));
            using var other = OnlyOne.TryInHome(home.Path, "edge");
            Assert.NotNull(other);
        }

        using var next = OnlyOne.TryInHome(home.Path, "server");
        Assert.NotNull(next);
    }

    [Fact]
    public void A_pid_that_belongs_to_somebody_else_by_now_is_not_believed()
    {
        using var home = A.Folder();
        var files = new HomeFiles(home.Path);

        files.Remember("server", Environment.ProcessId);

        Assert.Null(files.PidOf("server"));
        Assert.Null(files.PidOf("edge"));
    }
}
