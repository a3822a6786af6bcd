using Wherry.Cli.Supervision;
using Wherry.Cli.Up;

namespace Wherry.Cli.Tests.Up;

public sealed class BootEntryTests
{
    [Fact]
    public void Where_cron_runs_it_starts_the_supervisor_at_boot_and_down_takes_that_away()
    {
        using var root = A.Folder();
        root.Write("usr/sbin/cron");
        var home = Path.Combine(root.Path, "home");
        Directory.CreateDirectory(Path.Combine(home, "keys"));
        var entry = BootEntry.Of(new HomeFiles(home), root.Path);
        Assert.False(entry.Exists);

        entry.Make();

        Assert.True(entry.Exists);
        var file = Assert.Single(Directory.GetFiles(Path.Combine(root.Path, "etc/cron.d")));
        Assert.Matches($"^wherry-[0-9a-f]{{8}}$", Path.GetFileName(file));
        var line = File.ReadAllLines(file)[1];
        Assert.StartsWith("@reboot root ", line, StringComparison.Ordinal);
        Assert.EndsWith($" {home}/bin/wherry supervise --home {home}", line, StringComparison.Ordinal);

        entry.Remove();
        Assert.False(entry.Exists);
        Assert.Empty(Directory.GetFiles(Path.Combine(root.Path, "etc/cron.d")));
    }

    [Fact]
    public void Where_nothing_starts_programs_at_boot_no_entry_is_claimed()
    {
        using var root = A.Folder();
        Directory.CreateDirectory(Path.Combine(root.Path, "etc/cron.d"));
        Directory.CreateDirectory(Path.Combine(root.Path, "home/keys"));
        var entry = BootEntry.Of(new HomeFiles(Path.Combine(root.Path, "home")), root.Path);

        entry.Make();

        Assert.False(entry.Exists);
    }

    [Theory]
    [InlineData("/usr/share/dotnet/shared/Microsoft.NETCore.App/10.0.0/", "/usr/share/dotnet")]
    [InlineData("/var/lib/wherry/program/abc/", null)]
    public void A_program_that_brings_its_runtime_needs_no_dotnet_root(string runtime, string? expected) => Assert.Equal(expected, DotnetRoot.Find(runtime));

    [Fact]
    public void Units_have_all_their_places_filled_in()
    {
        var unit = SystemdKeeper.Fill("ExecStart=@PROGRAM@ server --home @HOME@\nEnvironment=DOTNET_ROOT=@DOTNET_ROOT@ DOCKER_HOST=@DOCKER_HOST@\n", new HomeFiles("/var/lib/wherry"), "/usr/share/dotnet", null);

        Assert.Equal("ExecStart=/var/lib/wherry/bin/wherry server --home /var/lib/wherry\nEnvironment=DOTNET_ROOT=/usr/share/dotnet DOCKER_HOST=unix:///var/run/docker.sock\n", unit);
    }

    [Theory]
    [InlineData("server")]
    [InlineData("edge")]
    public void A_unit_sets_up_the_runtime_as_the_supervisor_does(string role)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!Directory.Exists(Path.Combine(root.FullName, "packaging")))
        {
            root = root.Parent!;
        }

        var settings = File.ReadLines(Path.Combine(root.FullName, "packaging", $"wherry-{role}.service")).Where(l => l.StartsWith("Environment=", StringComparison.Ordinal)).SelectMany(l => l["Environment=".Length..].Split(' '));

        Assert.Equal(HomeFiles.Environment(role).Select(e => $"{e.Key}={e.Value}").Order(), settings.Where(s => s.StartsWith("DOTNET_", StringComparison.Ordinal) && s.Split('=')[0] is not ("DOTNET_ROOT" or "DOTNET_NOLOGO")).Order());
    }
}
