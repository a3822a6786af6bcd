using Wherry.Core.Routing;
using Wherry.Edge.Tests.Acme.Rig;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Certificates;

/// <summary>Days on which a certificate cannot be saved, or has ended: what serves, serves on.</summary>
public sealed class BadDayTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_full_disk_refuses_an_upload_and_the_old_certificate_serves_on()
    {
        var folder = Directory.CreateTempSubdirectory("wherry-edge-").FullName;
        var disk = await SmallDisk.MountAsync(folder, 1 << 20);
        await using var edge = await TestEdge.StartAsync(o => o with { Home = folder, ListenTls = ["127.0.0.1:0"] });
        await using var web = await Backend.StartAsync("web");
        using var authority = new TestAuthority();
        try
        {
            await edge.Control.UploadAsync("shop", authority.For(A.Host));
            await edge.Control.PutAsync(A.Service(web) with { Tls = new() }, Ct);
            using var before = await TlsVisitor.CertificateAsync(edge, A.Host, authority.Root);
            disk.Fill();

            Assert.Equal("edge/state-not-saved", (await EdgeControl.ProblemOfAsync(() => edge.Control.UploadAsync("shop", authority.For(A.Host)))).Code);

            using var during = await TlsVisitor.CertificateAsync(edge, A.Host, authority.Root);
            Assert.Equal(before.Thumbprint, during.Thumbprint);
            using var http = TlsVisitor.Client(edge, authority.Root);
            Assert.Equal("web", await http.GetStringAsync(new Uri("/", UriKind.Relative), Ct));
            disk.MakeRoom();
            await edge.Control.UploadAsync("shop", authority.For(A.Host));
            await edge.RestartAsync(); // whole on the disk
            using var after = await TlsVisitor.CertificateAsync(edge, A.Host, authority.Root);
            Assert.NotEqual(before.Thumbprint, after.Thumbprint);
        }
        finally
        {
            await edge.StopAsync();
            await disk.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_full_disk_is_told_before_the_authority_is_asked_and_the_order_is_made_once_there_is_room()
    {
        await using var pebble = await Pebble.StartAsync();
        await using var responder = await Responder.StartAsync(pebble);
        var folder = Directory.CreateTempSubdirectory("wherry-acme-").FullName;
        await using (var disk = await SmallDisk.MountAsync(folder, 256 << 10))
        {
            using var issuing = new Issuing(pebble.Options(folder), responder.Http);
            var first = await issuing.Orders.IssueAsync(Issuing.Names("first.example"), Ct);
            disk.Fill();

            var failed = await EdgeControl.ProblemOfAsync(() => issuing.Orders.IssueAsync(Issuing.Names("shop.example"), Ct));

            Assert.Equal(("acme/not-saved", 1), (failed.Code, pebble.Orders));
            Assert.Equal(first, issuing.Orders.Find(Issuing.Names("first.example")));
            disk.MakeRoom();
            await issuing.Orders.IssueAsync(Issuing.Names("shop.example"), Ct);
            Assert.Equal(2, pebble.Orders);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_clock_set_forward_past_the_end_is_told_and_everybody_is_served_on()
    {
        var time = new SetClock();
        await using var edge = await TestEdge.StartAsync(o => o with { Time = time, ListenTls = ["127.0.0.1:0"] });
        await using var web = await Backend.StartAsync("web");
        using var authority = new TestAuthority();
        await edge.Control.UploadAsync("shop", authority.For(A.Host));
        await edge.Control.PutAsync(A.Service(web) with { Tls = new() }, Ct);
        await edge.Control.PutAsync("p.e.local", A.Service(web) with { Routes = [A.Route(web.Port, "shop.localhost")], Tls = new() }, Ct);
        await edge.Control.PutAsync("p.e.plain", A.Service(web) with { Routes = [A.Route(web.Port, "plain.test")] }, Ct);
        using var before = await TlsVisitor.CertificateAsync(edge, A.Host);
        using var local = await TlsVisitor.CertificateAsync(edge, "shop.localhost");

        time.Ahead = TimeSpan.FromDays(100);

        var state = Assert.Single(await edge.Control.CertificatesAsync());
        Assert.Equal((CertificateCondition.Expired, "it has expired"), (state.Condition, state.Problem));
        using var after = await TlsVisitor.CertificateAsync(edge, A.Host);
        Assert.Equal(before.Thumbprint, after.Thumbprint);
        using var renewed = await TlsVisitor.CertificateAsync(edge, "shop.localhost");
        Assert.True(renewed.NotBefore > local.NotAfter);
        Assert.Equal("web", await edge.GetAsync("http://plain.test/"));
        Assert.Equal("certificate/expired", (await EdgeControl.ProblemOfAsync(() => edge.Control.UploadAsync("shop", authority.For(A.Host)))).Code);
    }

    /// <summary>A clock that somebody sets; its timers go on as they were.</summary>
    private sealed class SetClock : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Ahead;
    }
}
