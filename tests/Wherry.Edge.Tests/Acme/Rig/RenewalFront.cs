using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Wherry.Edge.Tests.Acme.Rig;

/// <summary>Debian's pebble has no renewal information: a directory that adds it, and answers it; all else is pebble's.</summary>
internal sealed class RenewalFront : IAsyncDisposable
{
    private LocalServer _server = null!;

    public Uri DirectoryUrl => new(_server.Url, "dir");

    public ConcurrentQueue<string> Asked { get; } = new();

    public static async Task<RenewalFront> StartAsync(Pebble pebble, DateTimeOffset from, DateTimeOffset to)
    {
        var front = new RenewalFront();
        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => pebble.Ca.Vouches(certificate) } });
        var directory = JsonNode.Parse(await http.GetStringAsync(pebble.DirectoryUrl))!;
        front._server = await LocalServer.StartAsync(pebble.Ca, context =>
        {
            if (context.Request.Path == "/dir")
            {
                directory["renewalInfo"] = new Uri(front._server.Url, "ari").AbsoluteUri;
                return context.Response.WriteAsync(directory.ToJsonString());
            }

            front.Asked.Enqueue(context.Request.Path);
            context.Response.Headers.RetryAfter = "21600";
            return context.Response.WriteAsJsonAsync(new { suggestedWindow = new { start = from, end = to } });
        });
        return front;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
