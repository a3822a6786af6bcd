using System.Net;
using Microsoft.AspNetCore.Http;
using Wherry.Edge.Proxying;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Proxying;

/// <summary>All bodies that are held back share one room.</summary>
public sealed class KeptRoomTests : OnAnEdge
{
    private const int Room = 1_000_000;

    protected override EdgeOptions Options(EdgeOptions defaults) => defaults with { BuffersMaxBytes = Room };

    [Fact]
    public async Task What_is_beyond_the_room_of_all_bodies_together_is_refused_and_room_comes_back()
    {
        await using var web = await Backend.StartAsync("web1");
        using var finish = new SemaphoreSlim(0);
        web.On("/slow", async http =>
        {
            await finish.WaitAsync(http.RequestAborted);
            await http.Response.WriteAsync("done");
        });
        web.On("/large", http => http.Response.Body.WriteAsync(new byte[Room + 1]).AsTask());
        web.On("/fair", http => http.Response.Body.WriteAsync(new byte[Room / 2]).AsTask());
        await Edge.Control.PutAsync(A.Service(web) with { Routes = [A.Route(web.Port) with { Rules = new() { Buffer = new() { Memory = 1000 } } }] }, Ct);

        var first = PostAsync("/slow");
        await Eventually.TrueAsync(() => web.Hits == 1);
        Assert.Equal(HttpStatusCode.InsufficientStorage, await PostAsync("/"));
        finish.Release();
        Assert.Equal(HttpStatusCode.OK, await first);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(HttpStatusCode.OK, await PostAsync("/"));
            Assert.Equal(507, await Edge.StatusAsync("/large"));
            Assert.Equal(200, await Edge.StatusAsync("/fair"));
        }
    }

    [Fact]
    public async Task What_stays_in_memory_takes_no_room_and_the_rest_is_refused_where_the_disk_is_full()
    {
        await using var web = await Backend.StartAsync("web1");
        web.On("/small", http => http.Response.Body.WriteAsync(new byte[500]).AsTask());
        await Edge.Control.PutAsync(A.Service(web) with { Routes = [A.Route(web.Port) with { Rules = new() { Buffer = new() { Memory = 1000 } } }] }, Ct);
        var home = Directory.CreateTempSubdirectory("wherry-room-").FullName;
        await using var disk = await SmallDisk.MountAsync(home, 256 << 10);
        var room = new KeptRoom(home, most: null, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);

        using var small = room.Open(1000);
        for (var i = 0; i < 10; i++)
        {
            small.Take(100);
        }

        Assert.Throws<IOException>(() => small.Take(256 << 10));
        using var half = room.Open(0);
        half.Take(100 << 10);
        using var other = room.Open(0);
        Assert.Throws<IOException>(() => other.Take(100 << 10));
        half.Dispose();
        using var later = room.Open(0);
        later.Take(100 << 10);
        Assert.Equal(200, await Edge.StatusAsync("/small"));
    }

    private async Task<HttpStatusCode> PostAsync(string path)
    {
        using var body = new ByteArrayContent(new byte[Room * 6 / 10]);
        using var answer = await Edge.Http.PostAsync(new Uri(path, UriKind.Relative), body, Ct);
        return answer.StatusCode;
    }
}
