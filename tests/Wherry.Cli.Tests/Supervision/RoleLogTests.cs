using Wherry.Cli.Supervision;

namespace Wherry.Cli.Tests.Supervision;

public sealed class RoleLogTests
{
    [Fact]
    public void A_log_that_has_grown_is_kept_beside_and_goes_on_empty_and_only_three_old_ones_stay()
    {
        using var home = A.Folder();
        var log = Path.Combine(home.Path, "server.log");
        for (var i = 0; i < 6; i++)
        {
            File.AppendAllText(log, new string((char)('a' + i), 50));
            RoleLog.Rotate(log, 20, TimeProvider.System);
        }

        Assert.Equal(["server.log", "server.log.1", "server.log.2", "server.log.3"], Directory.GetFiles(home.Path).Select(Path.GetFileName).Order());
        Assert.Equal(0, new FileInfo(log).Length);
        Assert.StartsWith("fff", File.ReadAllText(log + ".1"), StringComparison.Ordinal);
        Assert.StartsWith("ddd", File.ReadAllText(log + ".3"), StringComparison.Ordinal);
    }

    [Fact]
    public void Old_logs_go_after_a_month()
    {
        using var home = A.Folder();
        var log = Path.Combine(home.Path, "server.log");
        File.WriteAllText(log, "now");
        File.WriteAllText(log + ".1", "long ago");
        File.SetLastWriteTimeUtc(log + ".1", DateTime.UtcNow.AddDays(-31));

        RoleLog.Rotate(log, 1000, TimeProvider.System);

        Assert.Equal([log], Directory.GetFiles(home.Path));
    }
}
