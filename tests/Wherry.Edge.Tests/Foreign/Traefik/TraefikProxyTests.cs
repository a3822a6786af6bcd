using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Wherry.Core.Problems;
using Wherry.Core.Routing;
using Wherry.Edge.Certificates;
using Wherry.Edge.Foreign.Traefik;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Foreign.Traefik;

public sealed class TraefikProxyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("wherry-traefik-").FullName;
    private readonly string _home = Directory.CreateTempSubdirectory("wherry-edge-").FullName;
    private readonly TraefikProxy _proxy;

    public TraefikProxyTests()
    {
        var uploaded = new CertificateFolder(Path.Combine(_home, "certificates"), TimeProvider.System, NullLogger<CertificateFolder>.Instance);
        var authority = new InternalAuthority(Path.Combine(_home, "authority"), TimeProvider.System, NullLogger<InternalAuthority>.Instance);
        _proxy = new(new() { Folder = _folder, SettlesWithin = TimeSpan.FromMilliseconds(300) }, uploaded, authority, TimeProvider.System);
    }

    private string Written => File.ReadAllText(Path.Combine(_folder, "wherry.yml"));

    [Fact]
    public async Task What_shall_be_served_stands_in_the_folder_and_is_written_once()
    {
        var start = TimeProvider.System.GetTimestamp();
        Assert.True(await ApplyAsync(TraefikText.Service()));
        Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.FromMilliseconds(290), TimeSpan.FromSeconds(10)); // Traefik looks at it meanwhile
        Assert.Contains("Host(`shop.test`)", Written);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, File.GetUnixFileMode(Path.Combine(_folder, "wherry.yml")));
        Assert.Equal(["wherry.yml"], Directory.GetFileSystemEntries(_folder).Select(Path.GetFileName));

        Assert.False(await ApplyAsync(TraefikText.Service()));
        Assert.True(await ApplyAsync(TraefikText.Service(A.Route(4000))));
        Assert.Contains(":4000", Written);
        Assert.Equal("", await TraefikText.WrongsAsync([Written]));
    }

    [Fact]
    public async Task What_somebody_changed_or_took_away_is_put_back()
    {
        await ApplyAsync(TraefikText.Service());
        var written = Written;
        await File.WriteAllTextAsync(Path.Combine(_folder, "wherry.yml"), "http: {}", TestContext.Current.CancellationToken);
        Assert.True(await ApplyAsync(TraefikText.Service()));
        Assert.Equal(written, Written);

        File.Delete(Path.Combine(_folder, "wherry.yml"));
        Assert.True(await ApplyAsync(TraefikText.Service()));
        Assert.Equal(written, Written);
    }

    [Fact]
    public async Task Certificates_stand_beside_it_and_go_after_it()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "mine.yml"), "", TestContext.Current.CancellationToken);
        await ApplyAsync(TraefikText.Service() with { Tls = new() { Source = TlsSource.Internal } });

        var named = JsonNode.Parse(Written[Written.IndexOf('\n', StringComparison.Ordinal)..])!["tls"]!["certificates"]![0]!;
        var file = named["certFile"]!.GetValue<string>();
        Assert.Equal(file, named["keyFile"]!.GetValue<string>());
        using var certificate = X509Certificate2.CreateFromPemFile(file);
        Assert.True(certificate.HasPrivateKey);
        Assert.Equal(["shop.test"], CertificateHosts.Of(certificate));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, File.GetUnixFileMode(file));
        Assert.Equal("", await TraefikText.WrongsAsync([Written]));

        await ApplyAsync(TraefikText.Service());
        Assert.True(File.Exists(file)); // Traefik may be reading the configuration from before
        await ApplyAsync(TraefikText.Service());
        Assert.False(File.Exists(file));

        await _proxy.LeaveAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["mine.yml"], Directory.GetFileSystemEntries(_folder).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_folder_that_is_gone_is_told_and_not_made()
    {
        Directory.Delete(_folder, recursive: true);

        Assert.Equal("edge/traefik-folder", (await Assert.ThrowsAsync<ProblemException>(() => ApplyAsync(TraefikText.Service()))).Problem.Code);
        Assert.Equal("edge/traefik-folder", (await Assert.ThrowsAsync<ProblemException>(() => _proxy.CheckAsync(TraefikText.Service(), TestContext.Current.CancellationToken))).Problem.Code);
        Assert.False(Directory.Exists(_folder));
    }

    [Fact]
    public async Task A_full_disk_keeps_the_configuration_from_before()
    {
        await using var disk = await SmallDisk.MountAsync(_folder, 64 << 10);
        await ApplyAsync(TraefikText.Service());
        var before = Written;
        disk.Fill();

        var problem = (await Assert.ThrowsAsync<ProblemException>(() => ApplyAsync(TraefikText.Service([.. Enumerable.Range(1, 99).Select(i => A.Route(i, $"h{i}.test"))])))).Problem;
        Assert.Equal("edge/traefik-folder", problem.Code);
        Assert.Equal(before, Written);

        disk.MakeRoom();
        Assert.True(await ApplyAsync(TraefikText.Service(A.Route(4000))));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_keeps_the_configuration_from_before()
    {
        await using var disk = await SmallDisk.MountAsync(_folder, 64 << 10);
        await ApplyAsync(TraefikText.Service());
        var before = Written;
        await SmallDisk.CloseAsync(_folder);

        Assert.Equal("edge/traefik-folder", (await Assert.ThrowsAsync<ProblemException>(() => ApplyAsync(TraefikText.Service(A.Route(4000))))).Problem.Code);
        Assert.Equal(before, Written);
        Assert.False(await ApplyAsync(TraefikText.Service()));
    }

    [Fact]
    public void Tls_without_a_resolver_needs_a_certificate()
    {
        Assert.Single(_proxy.Refusals(TraefikText.Service() with { Tls = new() }));
        Assert.Empty(_proxy.Refusals(TraefikText.Service(A.Route(3000, "shop.internal")) with { Tls = new() }));
    }

    public void Dispose()
    {
        _proxy.Dispose();
        Directory.Delete(_home, recursive: true);
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private Task<bool> ApplyAsync(EdgeService service) => _proxy.ApplyAsync(new([TraefikText.Saved(service)], []), TestContext.Current.CancellationToken);
}
