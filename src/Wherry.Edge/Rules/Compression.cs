using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.Options;

namespace Wherry.Edge.Rules;

/// <summary>Compresses answers on their way out: text that is not compressed yet, for visitors who take it. Streams stay streams.</summary>
internal sealed class Compression
{
    private readonly ResponseCompressionMiddleware _middleware;

    public Compression(IServiceProvider services)
    {
        var options = new ResponseCompressionOptions { EnableForHttps = true };
        options.Providers.Add(new BrotliCompressionProvider(Options.Create(new BrotliCompressionProviderOptions { Level = CompressionLevel.Fastest })));
        options.Providers.Add(new GzipCompressionProvider(Options.Create(new GzipCompressionProviderOptions { Level = CompressionLevel.Fastest })));
        options.MimeTypes = [.. ResponseCompressionDefaults.MimeTypes, "image/svg+xml", "application/manifest+json"];
        _middleware = new(http => http.Features.Get<Inner>()!.RunAsync(), new ResponseCompressionProvider(services, Options.Create(options)));
    }

    /// <summary>Runs what writes the answer; what it writes may be compressed.</summary>
    public async Task<T> AroundAsync<T>(HttpContext http, Func<Task<T>> write)
    {
        T result = default!;
        http.Features.Set(new Inner(async () => result = await write()));
        try
        {
            await _middleware.Invoke(http);
        }
        finally
        {
            http.Features.Set<Inner>(null);
        }

        return result;
    }

    /// <summary>The rest of one request.</summary>
    private sealed record Inner(Func<Task> RunAsync);
}
