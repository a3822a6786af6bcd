using System.IO.Compression;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Wherry.Client;
using Wherry.Server.Access;
using Wherry.Server.Environments;

namespace Wherry.Server.Sources;

/// <summary>Sending a folder to be deployed.</summary>
internal static class UploadEndpoints
{
    public static void AddSources(this IServiceCollection services)
    {
        services.TryAddSingleton(new SourceOptions());
        services
            .AddSingleton<TreeFolders>()
            .AddSingleton<SafeTar>()
            .AddSingleton<Commits>()
            .AddSingleton<RemoteGit>()
            .AddSingleton<RemoteRepositories>()
            .AddSingleton<Submodules>()
            .AddSingleton<Uploads>()
            .AddSingleton<SourceStore>()
            .AddHostedService<SourceCleanUp>();
    }

    public static void MapUploads(this IEndpointRouteBuilder app) =>
        app.MapPost("/api/v1/projects/{project}/environments/{environment}/uploads", UploadAsync).Needs(TokenScope.Deploy).WithTags("deployments");

    private static async Task<Upload> UploadAsync(string project, string environment, Caller caller, HttpContext context, EnvironmentStore environments, Uploads uploads, SourceOptions limits, CancellationToken ct)
    {
        var into = await environments.GetAsync(caller.Team, project, environment, ct);
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = limits.MaxBytes.Bytes;
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null; // the sender may pause to read its disk
        }

        await using var content = await OpenAsync(context.Request.BodyReader, ct);
        return await uploads.TakeAsync(into, content, ct);
    }

    /// <summary>A tar, or a gzip-compressed one: its first two bytes tell.</summary>
    private static async Task<Stream> OpenAsync(PipeReader body, CancellationToken ct)
    {
        var start = await body.ReadAtLeastAsync(2, ct);
        var first = start.Buffer.FirstSpan;
        var gzip = first.Length >= 2 && first[0] == 0x1f && first[1] == 0x8b;
        body.AdvanceTo(start.Buffer.Start);
        return gzip ? new GZipStream(body.AsStream(), CompressionMode.Decompress) : body.AsStream();
    }
}
