using Wherry.Cli.Supervision;
using Wherry.Cli.Up;
using Wherry.Core.Problems;

namespace Wherry.Cli.Tests.Up;

public sealed class TraefikWishTests : IDisposable
{
    private readonly TempFolder _home = A.Folder();
    private readonly TempFolder _folder = A.Folder();

    public TraefikWishTests() => Directory.CreateDirectory(Path.Combine(_home.Path, "edge"));

    private HomeFiles Files => new(_home.Path);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _home.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_was_said_once_is_kept_and_changed_one_by_one()
    {
        Assert.True(await EdgeChoice.KeepAsync(Files, EdgeChoice.Traefik, null, new(_folder.Path), Ct));
        Assert.Equal($"traefik {_folder.Path}", Remembered.EdgeProxy(_home.Path));

        Assert.True(await EdgeChoice.KeepAsync(Files, null, null, new(Resolver: "letsencrypt", EntryPoints: "plain,secure"), Ct));
        Assert.Equal($"traefik {_folder.Path} http=plain tls=secure resolver=letsencrypt", Remembered.EdgeProxy(_home.Path));

        Assert.False(await EdgeChoice.KeepAsync(Files, EdgeChoice.Traefik, null, new(), Ct));
        Assert.True(await EdgeChoice.KeepAsync(Files, null, null, new(Resolver: "none"), Ct));
        Assert.Equal($"traefik {_folder.Path} http=plain tls=secure", Remembered.EdgeProxy(_home.Path));

        Assert.True(await EdgeChoice.KeepAsync(Files, EdgeChoice.Own, null, new(), Ct));
        Assert.Equal([$"traefik {_folder.Path} http=plain tls=secure"], Remembered.EdgeProxiesLeft(_home.Path));
    }

    [Theory]
    [InlineData("/nowhere/at/all", null, null, null, "edge/traefik-folder")]
    [InlineData("relative", null, null, null, "edge/proxy")]
    [InlineData(null, "one", null, null, "edge/proxy")]
    [InlineData(null, "one,", null, null, "edge/proxy")]
    [InlineData(null, null, "a b", null, "edge/proxy")]
    [InlineData(null, null, null, "https://127.0.0.1", "edge/proxy")]
    [InlineData(null, null, null, "http://127.0.0.1:1", "edge/proxy-away")]
    public async Task A_Traefik_that_cannot_be_driven_is_not_chosen(string? folder, string? entryPoints, string? resolver, string? asks, string code)
    {
        var problem = (await Assert.ThrowsAsync<ProblemException>(() => EdgeChoice.KeepAsync(Files, EdgeChoice.Traefik, null, new(folder ?? _folder.Path, entryPoints, resolver, asks), Ct))).Problem;

        Assert.Equal(code, problem.Code);
        Assert.Null(Remembered.EdgeProxy(_home.Path));
    }

    [Theory]
    [InlineData("--traefik-folder is for --edge traefik.", "--edge", "caddy", "--traefik-folder", "/etc/traefik")]
    [InlineData("--traefik-resolver is for --edge traefik.", "--edge", "own", "--traefik-resolver", "letsencrypt")]
    [InlineData("--caddy-admin is for --edge caddy.", "--edge", "traefik", "--caddy-admin", "http://localhost:2019")]
    [InlineData("cli/not-local", "--edge", "traefik", "--traefik-folder", "/etc/traefik")]
    public async Task What_is_for_another_edge_cannot_be_read(string told, params string[] arguments)
    {
        // One elsewhere: nothing is started for what can be read.
        var elsewhere = A.World(variables: new Dictionary<string, string> { ["WHERRY_SERVER"] = "http://127.0.0.1:1" });

        Assert.Contains(told, (await A.RunAsync(elsewhere, ["up", .. arguments])).Err);
    }
}
