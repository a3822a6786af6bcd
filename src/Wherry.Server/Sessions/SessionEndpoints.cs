using System.Net.WebSockets;
using Microsoft.AspNetCore.Mvc;
using Wherry.Client;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Server.Access;
using Wherry.Server.Environments;
using Wherry.Server.Pools;

namespace Wherry.Server.Sessions;

internal static class SessionEndpoints
{
    public static IServiceCollection AddSessions(this IServiceCollection services) => services
        .AddSingleton<ExecSessions>()
        .AddSingleton<RunSessions>()
        .AddHostedService<LeftoverRuns>();

    /// <summary>Needs <c>UseWebSockets</c> in front.</summary>
    public static void MapSessions(this IEndpointRouteBuilder app)
    {
        var service = app.MapGroup("/api/v1/projects/{project}/environments/{environment}/services/{service}").WithTags("sessions").Needs(TokenScope.Deploy);
        service.MapGet("exec", (Caller caller, string project, string environment, string service, HttpContext context, [FromServices] EnvironmentStore environments, [FromServices] ExecSessions sessions) =>
            ServeAsync(caller, project, environment, service, context, environments, sessions.ServeAsync));
        service.MapGet("run", (Caller caller, string project, string environment, string service, HttpContext context, [FromServices] EnvironmentStore environments, [FromServices] RunSessions sessions) =>
            ServeAsync(caller, project, environment, service, context, environments, sessions.ServeAsync));
    }

    private static async Task ServeAsync(
        Caller caller, string project, string environment, string service, HttpContext context, EnvironmentStore environments, Func<EnvironmentRef, ServiceName, ExecRequest, SessionRelay, CancellationToken, Task> serve)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            throw new Problem("session/no-websocket", "A session needs a WebSocket.", "Use `wherry exec` or `wherry run`, or see the API's description for the frames.").AsException();
        }

        using var seat = context.RequestServices.GetRequiredService<WorkPools>().Sessions.TryEnter($"{project}/{environment}")
            ?? throw new Problem("session/too-many", $"{WorkPools.MaxSessions} sessions are open already.", "End one of them, then try again.").AsException();
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        var relay = new SessionRelay(socket, context.RequestServices.GetRequiredService<TimeProvider>());
        try
        {
            // From here on a problem is a message: a WebSocket client does not get to see the body of a refusal.
            var found = await environments.GetAsync(caller.Team, project, environment, stop.Token);
            await serve(found, ServiceName.Parse(service), await relay.ReceiveRequestAsync(stop.Token), relay, stop.Token);
            await relay.EndAsync(stop.Token);
        }
        catch (ProblemException e)
        {
            await relay.SendProblemAsync(e.Problem, stop.Token);
            await relay.EndAsync(stop.Token);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // The caller left, or the server stops: the session was ended where it was served.
        }
    }
}
