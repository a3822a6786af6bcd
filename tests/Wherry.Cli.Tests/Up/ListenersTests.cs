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

        Assert.Equal(new Listeners(one, Changed: false), Listeners.Choose(files, one));
        Assert.Equal(new Listeners(one, Changed: false), Listeners.Choose(files, null));
        Assert.Equal(new Listeners(two, Changed: true), Listeners.Choose(files, two));
        Assert.Equal([$"0.0.0.0:{two}", $"[::]:{two}"], Remembered.EdgeListen(home.Path));
        Assert.StartsWith("127.0.0.1:", Remembered.ApiListen(home.Path), StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_that_is_taken_is_refused_and_nothing_changes()
    {
        using var home = A.Folder();
        Directory.CreateDirectory(Path.Combine(home.Path, "edge"));
        using var other = new TcpListener(IPAddress.Any, 0);
        other.Start();
        var taken = ((IPEndPoint)other.LocalEndpoint).Port;

        var problem = Assert.Throws<ProblemException>(() => Listeners.Choose(new HomeFiles(home.Path), taken)).Problem;

        Assert.Equal("edge/port-taken", problem.Code);
        Assert.Empty(Remembered.EdgeListen(home.Path));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Any, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
