using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Wherry.Edge.Tests.Acme.Rig;

/// <summary>A web server on a free port of 127.0.0.1, for what no real part here can be: https when it has an authority.</summary>
internal sealed class LocalServer : IAsyncDisposable
{
    private readonly WebApplication _web;

    private LocalServer(WebApplication web) => _web = web;

    public Uri Url => new(_web.Urls.First().Replace("127.0.0.1", "localhost", StringComparison.Ordinal));

    public static async Task<LocalServer> StartAsync(TestCa? ca, RequestDelegate answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Logging.ClearProviders();
        var server = builder.WebHost.UseKestrelCore();
        if (ca is not null)
        {
            server.UseKestrelHttpsConfiguration();
        }

        server.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, o =>
        {
            if (ca is not null)
            {
                o.UseHttps(ca.Issue());
            }
        }));
        builder.WebHost.UseShutdownTimeout(TimeSpan.FromMilliseconds(200));
        var web = builder.Build();
        web.Run(answer);
        await web.StartAsync();
        return new(web);
    }

    public ValueTask DisposeAsync() => _web.DisposeAsync();
}
