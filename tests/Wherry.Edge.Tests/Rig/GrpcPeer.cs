using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Wherry.Core.Routing;

namespace Wherry.Edge.Tests.Rig;

/// <summary>gRPC as its own library speaks it: Debian's <c>python3-grpcio</c>, which <c>./test</c> installs.</summary>
public sealed class GrpcPeer : IDisposable
{
    private static int _last;

    private readonly Process _process;

    private GrpcPeer(string id, int port)
    {
        var n = Interlocked.Increment(ref _last);
        (Id, Port, Address) = (id, port, $"127.{1 + (Environment.ProcessId % 200)}.200.{1 + n}");
        _process = Launch("serve", string.Create(CultureInfo.InvariantCulture, $"{Address}:{Port}"), id);
    }

    public string Id { get; }

    public string Address { get; }

    public int Port { get; }

    public Target Target => new(Id, Address);

    /// <summary>A replica.</summary>
    public static async Task<GrpcPeer> StartAsync(string id, GrpcPeer? beside = null)
    {
        var peer = new GrpcPeer(id, beside?.Port ?? Backend.FreePort());
        Assert.Equal("serves", await peer._process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        return peer;
    }

    /// <summary>A client that ends by itself; says what it wrote.</summary>
    public static async Task<string> RunAsync(params string[] arguments)
    {
        using var client = Launch(arguments);
        var said = await client.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await client.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, client.ExitCode);
        return said;
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static Process Launch(params string[] arguments) =>
        Process.Start(new ProcessStartInfo("/usr/bin/python3", [Script(), .. arguments]) { RedirectStandardOutput = true, RedirectStandardInput = true })!;

    private static string Script([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "Proxying", "grpc_peer.py");
}
