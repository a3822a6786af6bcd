using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Wherry.Client;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Server.Access;
using Wherry.Server.Projects;

namespace Wherry.Server.Git;

/// <summary>Wherry's own Git server: Git's smart HTTP protocol, spoken by the <c>git</c> program.</summary>
internal static partial class GitEndpoints
{
    private const string Fetch = "git-upload-pack";
    private const string Push = "git-receive-pack";

    public static void AddGit(this IServiceCollection services) => services
        .AddSingleton<GitProgram>()
        .AddSingleton<GitRepositories>()
        .AddSingleton<HookFolder>()
        .AddSingleton<GitService>()
        .AddSingleton<PushRegistry>()
        .AddSingleton<PushReceiver>();

    public static void MapGit(this IEndpointRouteBuilder app)
    {
        var git = app.MapGroup("/git").ExcludeFromDescription();
        git.MapGet("/{project}.git/info/refs", AdvertiseAsync).Needs(TokenScope.Read);
        git.MapPost($"/{{project}}.git/{Fetch}", (string project, Caller caller, HttpContext context, ProjectStore projects, GitService service) => ServeAsync(Fetch, project, caller, context, projects, service)).Needs(TokenScope.Read);
        git.MapPost($"/{{project}}.git/{Push}", (string project, Caller caller, HttpContext context, ProjectStore projects, GitService service) => ServeAsync(Push, project, caller, context, projects, service)).Needs(TokenScope.Deploy);
        git.MapPost("/hooks/{push}", HookEndpoint.AnswerAsync).Needs(TokenScope.Admin);
    }

    private static async Task AdvertiseAsync(string project, string? service, Caller caller, HttpContext context, ProjectStore projects, GitService git, CancellationToken ct)
    {
        if (service is not (Fetch or Push))
        {
            throw new Problem("git/protocol", "Only Git's smart HTTP protocol is spoken here.", "Use a git of this decade.").AsException();
        }

        if (service == Push)
        {
            PolicyRules.Check(caller, TokenScope.Deploy);
        }

        var name = await OwnAsync(projects, caller, project, ct);
        var protocol = Protocol(context.Request);
        Answer(context, $"application/x-{service}-advertisement");
        if (service == Push || protocol is null || !protocol.Contains("version=2", StringComparison.Ordinal))
        {
            var line = $"# service={service}\n";
            await context.Response.Body.WriteAsync(Encoding.ASCII.GetBytes($"{line.Length + 4:x4}{line}0000"), ct);
        }

        await git.AdvertiseAsync(name, service == Push, protocol, context.Response.Body, ct);
    }

    private static async Task ServeAsync(string service, string project, Caller caller, HttpContext context, ProjectStore projects, GitService git)
    {
        var ct = context.RequestAborted;
        var name = await OwnAsync(projects, caller, project, ct);
        Unlimit(context.Features);
        Answer(context, $"application/x-{service}-result");
        await using var body = context.Request.Headers.ContentEncoding == "gzip" ? new GZipStream(context.Request.Body, CompressionMode.Decompress) : context.Request.Body;
        if (service == Push)
        {
            await git.ReceiveAsync(caller, name, Protocol(context.Request), body, context.Response.Body, ct);
        }
        else
        {
            await git.UploadAsync(name, Protocol(context.Request), body, context.Response.Body, ct);
        }
    }

    private static async Task<ProjectName> OwnAsync(ProjectStore projects, Caller caller, string project, CancellationToken ct)
    {
        var name = ProjectName.Parse(project);
        await projects.GetAsync(caller.Team, name, ct);
        return name;
    }

    /// <summary>Git limits a push by itself (<c>receive.maxInputSize</c>), and both sides may think for long.</summary>
    private static void Unlimit(IFeatureCollection features)
    {
        features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
        if (features.Get<IHttpMinRequestBodyDataRateFeature>() is { } request)
        {
            request.MinDataRate = null;
        }

        if (features.Get<IHttpMinResponseDataRateFeature>() is { } response)
        {
            response.MinDataRate = null;
        }
    }

    private static void Answer(HttpContext context, string type)
    {
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        context.Response.ContentType = type;
        context.Response.Headers.CacheControl = "no-cache, max-age=0, must-revalidate";
    }

    private static string? Protocol(HttpRequest request) =>
        request.Headers["Git-Protocol"].ToString() is { Length: > 0 } text && ProtocolShape().IsMatch(text) ? text : null;

    [GeneratedRegex(@"\A[a-z0-9=:]{1,100}\z")]
    private static partial Regex ProtocolShape();
}
