using Wherry.Core.Model;

namespace Wherry.Compose.Tests.Reading;

public sealed class VolumeTests
{
    private const string Declared = "\n---\nvolumes: { data: }";

    [Theory]
    [InlineData("data:/var/lib", MountKind.Volume, "data", "/var/lib", false)]
    [InlineData("data:/var/lib:ro", MountKind.Volume, "data", "/var/lib", true)]
    [InlineData("data:/var/lib:rw", MountKind.Volume, "data", "/var/lib", false)]
    [InlineData("/cache", MountKind.Volume, null, "/cache", false)]
    [InlineData("/var/run/docker.sock:/var/run/docker.sock:ro", MountKind.Bind, "/var/run/docker.sock", "/var/run/docker.sock", true)]
    public void Short_form_is_read(string text, MountKind kind, string? source, string target, bool readOnly) =>
        Assert.Equal([new Mount(kind, source, target, readOnly)], A.Web($"volumes: ['{text}']{Declared}").Mounts);

    [Fact]
    public void Long_form_is_read() => Assert.Equal(
        [
            new(MountKind.Volume, "data", "/data", true),
            new(MountKind.Volume, null, "/anonymous", false),
            new(MountKind.Bind, "/srv/files", "/files", false),
            new Mount(MountKind.Tmpfs, null, "/tmp", false, ByteSize.Of(64 << 20)),
        ],
        A.Web("""
            volumes:
              - { type: volume, source: data, target: /data, read_only: true }
              - { type: volume, target: /anonymous }
              - { type: bind, source: /srv/files, target: /files, bind: { create_host_path: true } }
              - { type: tmpfs, target: /tmp, tmpfs: { size: 64m } }
            ---
            volumes: { data: {} }
            """.ReplaceLineEndings("\n")).Mounts);

    [Fact]
    public void Tmpfs_is_read_as_text_and_as_a_list() => Assert.Equal(
        [new(MountKind.Tmpfs, null, "/run", false), new Mount(MountKind.Tmpfs, null, "/tmp", true, ByteSize.Of(1 << 20))],
        [.. A.Web("tmpfs: /run").Mounts, .. A.Web("tmpfs: ['/tmp:size=1m,ro,nosuid']").Mounts]);

    [Fact]
    public void Options_of_a_mount_are_read_short_and_long()
    {
        var mounts = A.Web("""
            volumes:
              - data:/a:nocopy
              - /srv:/b:ro,rslave
              - { type: volume, source: data, target: /c, volume: { nocopy: true, subpath: uploads } }
              - { type: bind, source: /srv, target: /d, bind: { propagation: shared, create_host_path: false, recursive: disabled } }
              - { type: tmpfs, target: /e, tmpfs: { mode: 01777, size: 1m } }
            tmpfs: ["/f:mode=700,uid=1000,exec"]
            ---
            volumes: { data: {} }
            """.ReplaceLineEndings("\n")).Mounts;

        Assert.Equal(
            [
                new() { NoCopy = true },
                new() { Propagation = "rslave" },
                new() { NoCopy = true, Subpath = "uploads" },
                new() { Propagation = "shared", MustExist = true, Recursive = "disabled" },
                new MountOptions { Mode = 0x3FF },
            ],
            mounts.Take(5).Select(m => m.Options!));
        Assert.Equal(["mode=700", "uid=1000", "exec"], mounts[5].Options!.Tmpfs);
        Assert.True(mounts[1].ReadOnly);
    }

    [Theory]
    [InlineData("volumes: ['gone:/x']", "compose/undefined-reference", "the volume \"gone\" is not declared")]
    [InlineData("volumes: [{ type: volume, source: gone, target: /x }]", "compose/undefined-reference", "the volume \"gone\" is not declared")]
    [InlineData("volumes: ['data:x']", "compose/value", "is not an absolute path")]
    [InlineData("volumes: ['data']", "compose/value", "is not an absolute path")]
    [InlineData("volumes: ['data:/x', '/x/']", "compose/value", "something is mounted at \"/x/\" already")]
    [InlineData("volumes: ['data:/x:ro:z']", "compose/value", "is not a volume")]
    [InlineData("volumes: [':/x']", "compose/value", "is not a volume")]
    [InlineData("volumes: ['data:/x:rslave']", "compose/unsupported-key", "the mount option \"rslave\"")]
    [InlineData("volumes: ['/srv:/x:nocopy']", "compose/unsupported-key", "the mount option \"nocopy\"")]
    [InlineData("volumes: [{ type: bind, target: /x }]", "compose/value", "a bind needs a source")]
    [InlineData("volumes: [{ source: data, target: /x }]", "compose/value", "needs type and target")]
    [InlineData("volumes: [{ type: npipe, target: /x }]", "compose/value", "is not one of volume, bind, tmpfs")]
    [InlineData("volumes: [{ type: tmpfs, source: data, target: /x }]", "compose/value", "a tmpfs has no source")]
    [InlineData("volumes: [{ type: volume, target: /x, volume: { subpath: ../a } }]", "compose/value", "is not a folder inside the volume")]
    [InlineData("tmpfs: '/x:mode=rwx'", "compose/unsupported-key", "the tmpfs option \"mode=rwx\"")]
    [InlineData("tmpfs: '/x:size=big'", "size/format", "is not a size")]
    public void A_wrong_volume_is_refused(string body, string code, string message)
    {
        var problem = A.WebProblem(body + Declared);

        Assert.Equal(code, problem.Code);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Top_level_volumes_are_read()
    {
        var volumes = A.Model("""
            services: { web: { image: nginx } }
            volumes:
              plain:
              named: { name: shop-data, labels: [a=b] }
              other: { external: true }
              older: { external: { name: legacy } }
              nfs: { driver: local, driver_opts: { type: nfs, o: "addr=10.0.0.1" } }
            """).Volumes;

        Assert.Equal(new VolumeSpec(), volumes["plain"] with { Labels = new VolumeSpec().Labels, DriverOptions = new VolumeSpec().DriverOptions }, Plain);
        Assert.Equal("shop-data", volumes["named"].ExplicitName);
        Assert.Equal("b", volumes["named"].Labels["a"]);
        Assert.True(volumes["other"] is { External: true, ExplicitName: "other" });
        Assert.True(volumes["older"] is { External: true, ExplicitName: "legacy" });
        Assert.Equal("local", volumes["nfs"].Driver);
        Assert.Equal(new Dictionary<string, string> { ["o"] = "addr=10.0.0.1", ["type"] = "nfs" }, volumes["nfs"].DriverOptions);
    }

    [Theory]
    [InlineData("../../etc")]
    [InlineData("/etc")]
    [InlineData("a b")]
    [InlineData("-a")]
    public void A_name_on_the_engine_is_a_name(string name)
    {
        foreach (var word in new[] { "volumes", "networks" })
        {
            Assert.Equal("compose/value", A.Problem($"services: {{ web: {{ image: nginx }} }}\n{word}: {{ x: {{ name: \"{name}\" }} }}\n").Code);
        }
    }

    private static bool Plain(VolumeSpec a, VolumeSpec b) => (a.ExplicitName, a.External, a.Driver) == (b.ExplicitName, b.External, b.Driver);
}
