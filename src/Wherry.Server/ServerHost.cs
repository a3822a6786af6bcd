using Microsoft.AspNetCore.Server.Kestrel.Core;
using Wherry.Client;
using Wherry.Docker;
using Wherry.Server.Access;
using Wherry.Server.Certificates;
using Wherry.Server.Deployments;
using Wherry.Server.Disk;
using Wherry.Server.Environments;
using Wherry.Server.Events;
using Wherry.Server.Git;
using Wherry.Server.Logs;
using Wherry.Server.Metrics;
using Wherry.Server.Preflight;
using Wherry.Server.Projects;
using Wherry.Server.Reconcile;
using Wherry.Server.Secrets;
using Wherry.Server.Services;
using Wherry.Server.Sources;
using Wherry.Server.Sessions;
using Wherry.Server.Status;
using Wherry.Server.Store;
using Wherry.Server.Tokens;

namespace Wherry.Server;

/// <summary>Puts the server together. Every feature is listed here once.</summary>
public static class ServerHost
{
    /// <summary>Runs until cancelled or told to stop by SIGTERM.</summary>
    public static async Task RunAsync(ServerOptions options, CancellationToken ct)
    {
        using var export = OtlpExport.StartIfAsked();
        await using var app = await BuildAsync(options, ct);
        await app.RunAsync(ct);
    }

    /// <summary>A server that is ready to start.</summary>
    public static async Task<WebApplication> BuildAsync(ServerOptions options, CancellationToken ct)
    {
        foreach (var folder in new[] { options.Home, options.Keys, options.Repositories, options.Builds, options.Logs })
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        var database = await StoreLock.OpenAsync(options, ct);
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = options.Home });
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Warning).AddFilter("Wherry", LogLevel.Information).AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
        });
        builder.Services
            .AddSingleton(options)
            .AddSingleton(options.Time)
            .AddSingleton(_ => database)
            .AddHostedService<StoreLock>()
            .AddSingleton(Sealer.Open(options.Keys))
            .AddSingleton(HomeId.Open(options.Keys))
            .AddSingleton(new Engine(EngineEndpoint.Parse(options.Engine)))
            .AddSingleton<ProblemAnswer>()
            .Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true) // so that a bad request gets a problem like any other
            .ConfigureHttpJsonOptions(json =>
            {
                json.SerializerOptions.TypeInfoResolverChain.Insert(0, ClientJson.Default);
                json.SerializerOptions.RespectNullableAnnotations = true; // ClientJson's own settings hold for its own options only
            });
        builder.Services.AddOpenApi("v1");
        AddFeatures(builder.Services);
        builder.WebHost.UseSockets(sockets => sockets.CreateBoundListenSocket = SocketPeer.Bind);
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, options));

        var app = builder.Build();
        app.Use((context, next) => app.Services.GetRequiredService<ProblemAnswer>().HandleAsync(context, next));
        app.Use((context, next) => app.Services.GetRequiredService<Credentials>().HandleAsync(context, next));
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.FromSeconds(15), KeepAliveTimeout = TimeSpan.FromSeconds(30) });
        app.UseRouting();
        app.Use(PolicyRules.EnforceAsync);
        MapFeatures(app);
        PolicyRules.CheckEveryEndpoint(app);
        return app;
    }

    private static void AddFeatures(IServiceCollection services)
    {
        services.AddEvents(); // first, so that it is the last to stop
        services.AddProjects();
        services.AddDeployments();
        services.AddServices();
        services.AddReconcile();
        services.AddVariables();
        services.AddStatus();
        services.AddTokens();
        services.AddLogs();
        services.AddSources();
        services.AddGit();
        services.AddSessions();
        services.AddMetricsPage();
        services.AddPreflight();
        services.AddDisk();
        services.AddCertificates();
    }

    private static void MapFeatures(WebApplication app)
    {
        app.MapOpenApi("/api/{documentName}/openapi.json").Needs(TokenScope.Read);
        app.MapStatus();
        app.MapProjects();
        app.MapEnvironments();
        app.MapDeployments();
        app.MapServices();
        app.MapDrift();
        app.MapVariables();
        app.MapTokens();
        app.MapLogs();
        app.MapEvents();
        app.MapUploads();
        app.MapGit();
        app.MapSessions();
        app.MapMetrics();
        app.MapTraffic();
        app.MapDisk();
        app.MapCertificates();
    }

    private static void Listen(KestrelServerOptions kestrel, ServerOptions options)
    {
        File.Delete(options.Socket);
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = 16 << 20;
        kestrel.ListenUnixSocket(options.Socket, SocketPeer.Mark);
        if (options.Listen is { } address)
        {
            kestrel.Listen(address);
        }
    }
}
