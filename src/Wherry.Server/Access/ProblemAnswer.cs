using System.Text.Json;
using Wherry.Client;
using Wherry.Core.Problems;

namespace Wherry.Server.Access;

/// <summary>The one place where a problem becomes an HTTP answer.</summary>
internal sealed partial class ProblemAnswer(ILogger<ProblemAnswer> logger)
{
    private const string Description = "See the API's description at /api/v1/openapi.json.";

    private static readonly Problem TooLarge = new("request/too-large", "The request's body is larger than the limit.", "Send less, or leave out what the build does not need with a .dockerignore.");

    public async Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
            if (context.Response is { HasStarted: false, StatusCode: var status and >= 400, ContentType: null } && Unexplained(context.Request, status) is { } problem)
            {
                await WriteAsync(context, status, problem);
            }
        }
        catch (ProblemException e) when (!context.Response.HasStarted)
        {
            await WriteAsync(context, StatusOf(e.Problem.Code), e.Problem);
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            await WriteAsync(context, e.StatusCode, e.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? TooLarge
                : new Problem("request/invalid", $"The request could not be read: {e.InnerException?.Message ?? e.Message}", Description));
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller went away; there is nobody to answer.
        }
        catch (Exception e) when (!context.Response.HasStarted && FullDisk.Problem(e) is { } full)
        {
            await WriteAsync(context, StatusOf(full.Code), full);
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            LogBug(context.Request.Path, e);
            await WriteAsync(context, StatusCodes.Status500InternalServerError, new Problem("server/bug", $"Wherry failed in a way it should not: {e.GetType().Name}.", "What serves goes on serving. The server's log has the details; please report them."));
        }
    }

    /// <summary>HTTP status of a problem, from the second half of its code.</summary>
    internal static int StatusOf(string code) => code switch
    {
        "certificate/in-use" => StatusCodes.Status409Conflict,
        "token/missing" or "token/unknown" => StatusCodes.Status401Unauthorized,
        "token/scope" or "request/cross-origin" => StatusCodes.Status403Forbidden,
        "request/too-large" or "source/too-large" => StatusCodes.Status413PayloadTooLarge,
        "deployment/queue-full" or "token/too-many-failures" or "session/too-many" => StatusCodes.Status429TooManyRequests,
        "docker/unreachable" or "edge/unreachable" or "store/unreachable" or "store/busy" => StatusCodes.Status503ServiceUnavailable,
        "store/disk-full" or "server/disk-full" => StatusCodes.Status507InsufficientStorage,
        "environment/locked" or "environment/leaving" or "certificate/in-use" or "deployment/ended" or "deployment/undoing" => StatusCodes.Status409Conflict,
        _ when code.EndsWith("/not-found", StringComparison.Ordinal) => StatusCodes.Status404NotFound,
        _ when code.EndsWith("/exists", StringComparison.Ordinal) || code.EndsWith("-taken", StringComparison.Ordinal) || code.EndsWith("/conflict", StringComparison.Ordinal) => StatusCodes.Status409Conflict,
        _ => StatusCodes.Status422UnprocessableEntity,
    };

    /// <summary>Routing, and the binding that is generated for endpoints, answer without a word.</summary>
    private static Problem? Unexplained(HttpRequest request, int status) => status switch
    {
        StatusCodes.Status400BadRequest => new("request/invalid", "A part of the address or the query could not be read.", Description),
        StatusCodes.Status404NotFound => new("request/not-found", "There is nothing at this address.", Description),
        StatusCodes.Status405MethodNotAllowed => new("request/method", $"This address does not know {request.Method}.", Description),
        StatusCodes.Status413PayloadTooLarge => TooLarge,
        StatusCodes.Status415UnsupportedMediaType => new("request/media-type", "The request's body is not JSON, or does not say so.", "Send it with `Content-Type: application/json`."),
        _ => null,
    };

    private static async Task WriteAsync(HttpContext context, int status, Problem problem)
    {
        context.Response.StatusCode = status;
        if (status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"Wherry: any user name, a token as password\"";
        }

        if (context.Request.Path.StartsWithSegments("/git"))
        {
            // Git shows its user plain text, and nothing else.
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync($"{problem.Message}\n{problem.Hint}\n({problem.Code})\n", context.RequestAborted);
            return;
        }

        context.Response.ContentType = "application/problem+json";
        var answer = new ApiProblem(problem.Code, problem.Message, problem.Hint) { Evidence = problem.Evidence };
        await context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(answer, ClientJson.Default.ApiProblem), context.RequestAborted);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} failed")]
    private partial void LogBug(string path, Exception exception);
}
