using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Wherry.Client;
using Wherry.Core.Model;
using Wherry.Server.Access;
using Wherry.Server.Environments;
using Wherry.Server.Git;
using Wherry.Server.Projects;
using Wherry.Server.Sources;
using Wherry.Server.Store;
using Wherry.Server.Tokens;

namespace Wherry.Server.Tests.Git;

/// <summary>A real server with everything that takes code in, on a state folder of its own; only what it deploys to is in memory.</summary>
internal sealed class GitHost : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("wherry-git-");
    private WebApplication? _app;

    public ServerOptions Options => new() { Home = Path.Combine(_folder.FullName, "home"), Listen = new IPEndPoint(IPAddress.Loopback, 0) };

    public SourceOptions Limits { get; init; } = new();

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public MemoryDeployments Deployments { get; } = new();

    public string DeployToken { get; private set; } = "";

    public string ReadToken { get; private set; } = "";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public Uri Address => new(_app!.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single(a => !a.Contains("unix", StringComparison.Ordinal)));

    /// <summary>A server with the project <c>hello</c>, which deploys <c>main</c> to production.</summary>
    public static Task<GitHost> StartAsync() => StartAsync(new GitHost());

    public static async Task<GitHost> StartAsync(GitHost host)
    {
        await host.StartServerAsync();
        await host.Get<ProjectStore>().CreateAsync(TeamId.Default, ProjectName.Parse("hello"), Ct);
        host.DeployToken = (await host.Get<TokenStore>().CreateAsync(TeamId.Default, new CreateToken("ci", TokenScope.Deploy), Ct)).Secret;
        host.ReadToken = (await host.Get<TokenStore>().CreateAsync(TeamId.Default, new CreateToken("reader", TokenScope.Read), Ct)).Secret;
        return host;
    }

    public T Get<T>()
        where T : notnull => _app!.Services.GetRequiredService<T>();

    /// <summary>The project's address for git, with a token as password.</summary>
    public string Url(string project = "hello", string? token = null) => $"http://git:{token ?? DeployToken}@{Address.Authority}/git/{project}.git";

    public string Repository(string project = "hello") => Path.Combine(Options.Repositories, $"{project}.git");

    public async Task<EnvironmentRef> EnvironmentAsync(string name = "production") => await Get<EnvironmentStore>().GetAsync(TeamId.Default, "hello", name, Ct);

    /// <summary>A folder for the test's own files, removed with the host.</summary>
    public string NewFolder(string name) => Directory.CreateDirectory(Path.Combine(_folder.FullName, name)).FullName;

    /// <summary>A clone-like work folder with the remote <c>wherry</c>.</summary>
    public async Task<GitFolder> FolderAsync(string name = "work", string project = "hello", string? token = null)
    {
        var folder = new GitFolder(NewFolder(name));
        await folder.GitAsync("init", "--quiet", "--initial-branch=main");
        await folder.GitAsync("remote", "add", "wherry", Url(project, token));
        return folder;
    }

    /// <summary>Folders of trees that nobody let go.</summary>
    public string[] TreesLeft() => Directory.GetDirectories(Options.Builds, "tree-*");

    public async Task StartServerAsync()
    {
        foreach (var folder in new[] { Options.Home, Options.Keys, Options.Repositories, Options.Builds })
        {
            Directory.CreateDirectory(folder);
        }

        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = Options.Home });
        builder.Logging.ClearProviders().AddProvider(new TestOutput());
        builder.Services
            .AddSingleton(Options)
            .AddSingleton(Limits)
            .AddSingleton(Time)
            .AddSingleton(await Database.OpenAsync(Path.Combine(Options.Home, "wherry.db"), Ct))
            .AddSingleton<ProblemAnswer>()
            .AddSingleton<ProjectStore>()
            .AddSingleton<EnvironmentStore>()
            .AddSingleton<IPushDeployments>(Deployments)
            .ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ClientJson.Default));
        builder.Services.AddTokens();
        builder.Services.AddSources();
        builder.Services.AddGit();
        builder.WebHost.UseSockets(sockets => sockets.CreateBoundListenSocket = SocketPeer.Bind);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            File.Delete(Options.Socket);
            kestrel.Limits.MaxRequestBodySize = 16 << 20;
            kestrel.ListenUnixSocket(Options.Socket, SocketPeer.Mark);
            kestrel.Listen(Options.Listen!);
        });
        _app = builder.Build();
        _app.Use((context, next) => Get<ProblemAnswer>().HandleAsync(context, next));
        _app.Use((context, next) => Get<Credentials>().HandleAsync(context, next));
        _app.UseRouting();
        _app.Use(PolicyRules.EnforceAsync);
        _app.MapUploads();
        _app.MapGit();
        PolicyRules.CheckEveryEndpoint(_app);
        await _app.StartAsync(Ct);
    }

    public async Task StopServerAsync()
    {
        if (_app is not null)
        {
            await _app.StopAsync(CancellationToken.None);
            await _app.DisposeAsync();
            _app = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopServerAsync();
        _folder.Delete(recursive: true);
    }
}

/// <summary>Warnings and errors of the server, in the test's own output.</summary>
internal sealed class TestOutput : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"{formatter(state, exception)} {exception}");
        }
    }

    public void Dispose()
    {
    }
}
