using System.Net;
using System.Net.Sockets;
using Wherry.Cli.Supervision;
using Wherry.Cli.Up;
using Wherry.Core.Problems;

namespace Wherry.Cli.Tests.Up;

public sealed class ListenersTests
{
    [Fact]
    public void A_port_that_was_chosen_is_kept_until_another_is_asked_for()
    {
        using var home = A.Folder();
        Directory.CreateDirectory(Path.Combine(home.Path, "edge"));
        var files = new HomeFiles(home.Path);
        var (one, two) = (FreePort(), FreePort());

        Assert.Equal((one, false), Told(Listeners.Choose(files, one, null)));
        Assert.Equal((one, false), Told(Listeners.Choose(files, null, null)));
        Assert.Equal((two, true), Told(Listeners.Choose(files, two, null)));
        Assert.Equal([$"0.0.0.0:{two}", $"[::]:{two}"], Remembered.EdgeListen(home.Path));
        Assert.StartsWith("127.0.0.1:", Remembered.ApiListen(home.Path), StringComparison.Ordinal);
    }

    /// <summary>CR-01.</summary>
    [Theory]
    [InlineData("listen", "")]
    [InlineData("listen", "127.0.0.1")]
    [InlineData("edge/listen", "")]
    [InlineData("edge/listen", "port 80")]
    [InlineData("edge/listen", "0.0.0.0:80\n[::]:")]
    public void CR_01_A_remembered_address_that_cannot_be_read_is_told_and_never_overwritten(string name, string content)
    {
        using var home = A.Folder();
        Directory.CreateDirectory(Path.Combine(home.Path, "edge"));
        var file = Path.Combine(home.Path, name);
        File.WriteAllText(file, content);

        var problem = Assert.Throws<ProblemException>(() => Listeners.Choose(new HomeFiles(home.Path), null, null)).Problem;

        Assert.Equal("up/listen-file", problem.Code);
        Assert.Contains(file, problem.Message, StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(file));
    }

    [Fact]
    public void A_port_that_is_taken_is_refused_and_nothing_changes()
    {
        using var home = A.Folder();
        Directory.CreateDirectory(Path.Combine(home.Path, "edge"));
        using var other = new TcpListener(IPAddress.Any, 0);
        other.Start();
        var taken = ((IPEndPoint)other.LocalEndpoint).Port;

        var problem = Assert.Throws<ProblemException>(() => Listeners.Choose(new HomeFiles(home.Path), taken, null)).Problem;

        Assert.Equal("edge/port-taken", problem.Code);
        Assert.Empty(Remembered.EdgeListen(home.Path));
    }

    private static (int Port, bool Changed) Told(Listeners chosen) => (chosen.EdgePort, chosen.Changed);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Any, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
