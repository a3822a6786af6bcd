using Microsoft.Extensions.Logging.Abstractions;
using Wherry.Edge.Certificates;
using Wherry.Edge.Tests.Acme.Rig;

namespace Wherry.Edge.Tests.Certificates;

/// <summary>The edge's own authority on a machine whose clock and files are not as they should be.</summary>
public sealed class InternalAuthorityTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("wherry-authority-").FullName;

    private string Root => Path.Combine(_folder, "root.pem");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void It_signs_though_its_root_was_made_by_a_clock_that_was_ahead()
    {
        var now = TimeProvider.System.GetUtcNow();
        var root = Authority(new ShiftedTime(now.AddDays(2))).RootPem;

        var later = Authority(TimeProvider.System);

        Assert.Equal(root, later.RootPem);
        Assert.True(later.For("shop.localhost").NotAfter > now.AddDays(30));
    }

    [Fact]
    public void A_clock_far_ahead_gets_a_certificate_of_that_time()
    {
        var time = new FastTime(1);
        var authority = Authority(time);
        var first = authority.For("shop.localhost");
        var ahead = Authority(new ShiftedTime(time.GetUtcNow().AddDays(400))).For("shop.localhost");

        Assert.True(ahead.NotBefore > first.NotAfter);
        Assert.Same(first, authority.For("shop.localhost"));
    }

    [Fact]
    public void A_root_that_others_may_read_is_shut_and_signs_on()
    {
        var root = Authority(TimeProvider.System).RootPem;
        File.SetUnixFileMode(Root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);

        Assert.Equal(root, Authority(TimeProvider.System).RootPem);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Root));
    }

    private InternalAuthority Authority(TimeProvider time) => new(_folder, time, NullLogger<InternalAuthority>.Instance);
}
