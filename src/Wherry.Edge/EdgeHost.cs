using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Wherry.Core.Problems;
using Wherry.Core.Routing;
using Wherry.Edge.AccessLogs;
using Wherry.Edge.Acme;
using Wherry.Edge.Acme.Solving;
using Wherry.Edge.Certificates;
using Wherry.Edge.Control;
using Wherry.Edge.Foreign;
using Wherry.Edge.Health;
using Wherry.Edge.Listening;
using Wherry.Edge.Metrics;
using Wherry.Edge.Pages;
using Wherry.Edge.Proxying;
using Wherry.Edge.Rules;
using Wherry.Edge.Sites;
using Wherry.Edge.Switching;
using Wherry.Edge.Targets;
using Wherry.Edge.Tcp;
using Yarp.ReverseProxy.Forwarder;

namespace Wherry.Edge;

/// <summary>The edge's process: builds the parts, runs them, stops them.</summary>
public static partial class EdgeHost
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Runs until SIGTERM, SIGINT or <paramref name="ct"/>, then stops gracefully.</summary>
    /// <returns>Exit code: 0 after a stop, 3 when the edge cannot start; why is on standard error.</returns>
    public static async Task<int> RunAsync(EdgeOptions options, CancellationToken ct)
    {
        using var logging = options.Logging is null ? ConsoleLog() : null;
        var given = options with { Logging = options.Logging ?? logging };
        var logger = given.Logging!.CreateLogger(typeof(EdgeHost));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var onTerm = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var onInt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        try
        {
            await using var edge = await StartAsync(given, stop.Token);
            LogStarted(logger, edge.Addresses, edge.SocketPath);
            await Task.Delay(Timeout.InfiniteTimeSpan, given.Time, stop.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            LogStopping(logger);
            return 0;
        }
        catch (ProblemException e)
        {
            LogRefused(logger, e.Problem.Code, e.Problem.Message, e.Problem.Hint);
            return 3;
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }

    /// <summary>Starts an edge: saved services serve from the moment it returns, before their first probe.</summary>
    /// <exception cref="ProblemException"><c>edge/…</c>: an address is taken, the state file cannot be read, another edge runs here.</exception>
    public static async Task<RunningEdge> StartAsync(EdgeOptions options, CancellationToken ct)
    {
        Directory.CreateDirectory(options.Home, OwnerOnly);
        var logging = options.Logging ?? Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance;
        BodyBuffers.Clear(options.BuffersPath);
        var services = new ServiceCollection().AddSingleton(logging).AddSingleton(typeof(ILogger<>), typeof(Logger<>)).AddHttpForwarder().BuildServiceProvider();

        var time = options.Time;
        var upstream = new Upstream(options.ConnectWithin, time);
        var mirroring = new Mirroring(upstream, time);
        var prober = new Prober(upstream, time);
        var watch = new HealthWatch(prober, time, logging.CreateLogger<HealthWatch>());
        var state = new StateFile(options.StatePath, time);
        var keeper = new TargetKeeper(upstream, watch, new SiteFolder(options.FilesPath), options.EjectAfter, time);
        var uploaded = new CertificateFolder(options.CertificatesPath, time, logging.CreateLogger<CertificateFolder>());
        var authority = new InternalAuthority(options.AuthorityPath, time, logging.CreateLogger<InternalAuthority>());
        var (http, alpn) = (new HttpChallenges(), new TlsAlpnChallenges(time));
        var pages = new ErrorPages(options.ErrorPagesPath);
        var foreign = ForeignProxies.Open(options, uploaded, authority, pages) is { } other ? new ForeignFront(other, time, logging.CreateLogger<ForeignFront>()) : null;
        var automatic = foreign is null ? Automatic(options, http, alpn, logging) : null;
        var certificates = new CertificateSource(uploaded, automatic, authority, elsewhere: foreign is not null);
        var held = options.SocketsOf is { } holder ? HeldSockets.Of(holder) : [];
        var ports = new TcpPorts([.. EdgeServer.Possible([.. options.Listen, .. options.ListenTls])], held, time, logging.CreateLogger<TcpPorts>());
        var policy = new OnDemandPolicy(upstream, time, logging.CreateLogger<OnDemandPolicy>());
        var traffic = new TrafficSwitch(keeper, new TargetGate(prober, time), new Followers(state, ports, certificates, foreign, time), time, logging.CreateLogger<TrafficSwitch>());
        var onDemand = new OnDemandCertificates(automatic, policy, traffic, time, logging.CreateLogger<OnDemandCertificates>());
        var accessLog = new AccessLog(new RotatingFile(options.AccessLogPath, options.AccessLogMaxBytes, options.AccessLogKeep, options.AccessLogKeepFor, time), time, logging.CreateLogger<AccessLog>());

        var forwarding = new Forwarding(services.GetRequiredService<IHttpForwarder>(), upstream, pages, options, new Compression(services), mirroring, logging.CreateLogger<Forwarding>());
        var introduced = new ProxyProtocol(options.ProxyProtocolFrom, time);
        var own = foreign is null ? options : options with { Listen = [], ListenTls = [] };
        var http3 = new Http3(own, logging);
        var server = new EdgeServer(own, new TlsListening(traffic, certificates, onDemand, alpn, options.DefaultTlsHost, time), introduced, held, http3, logging);
        var redirects = new Redirects(certificates, () => server.TlsAddresses is [var first, ..] ? first.Port : null);
        var proxy = new Proxy(traffic, forwarding, new ForwardedHeaders(options.TrustedProxies, time), redirects, pages, time);
        var control = new ControlApi(traffic, new MetricsPage(traffic, accessLog, ports), new CertificateCalls(uploaded, automatic, authority), () => Health(options, server, http3, traffic, automatic, foreign), foreign?.SignsItself);
        var edge = new RunningEdge(new(options, server, traffic, ports, watch, accessLog, mirroring, upstream, automatic, policy, foreign, services));
        try
        {
            traffic.Restore(Load(state, options, logging.CreateLogger(typeof(EdgeHost))));
            await server.StartAsync(new EdgeApplication(proxy, control, http, http3, accessLog, time), ct);
            automatic?.Begin();
            await (foreign?.StartAsync(ct) ?? Task.CompletedTask);
            ports.Start(new TcpProxy(traffic, upstream, introduced, time, logging.CreateLogger<TcpProxy>()).ServeAsync);
            return edge;
        }
        catch
        {
            await edge.DisposeAsync();
            throw;
        }
    }

    /// <summary><see langword="null"/> when nobody said which authority signs. Settings that cannot be meant stop nothing that is there already.</summary>
    private static AutomaticCertificates? Automatic(EdgeOptions options, HttpChallenges http, TlsAlpnChallenges alpn, ILoggerFactory logging)
    {
        var home = Path.Combine(options.Home, "acme");
        try
        {
            return AcmeSettings.Find(options.AcmePath) is { } settings
                ? new(settings.Options(options.AcmePath, home, options.Time), [http, alpn, new DnsChallenges(settings.Zones(options.AcmePath, options.Time))], logging)
                : null;
        }
        catch (ProblemException e)
        {
            return new(e.Problem, home, options.Time, logging);
        }
    }

    private static IReadOnlyList<SavedService> Load(StateFile state, EdgeOptions options, ILogger logger)
    {
        try
        {
            return state.Load();
        }
        catch (ProblemException e) when (options.DiscardUnreadableState)
        {
            LogDiscarded(logger, e.Problem.Message, state.MoveAside());
            return [];
        }
    }

    private static EdgeHealth Health(EdgeOptions options, EdgeServer server, Http3 http3, TrafficSwitch traffic, AutomaticCertificates? automatic, ForeignFront? foreign) => new(
        typeof(EdgeHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0",
        foreign is null ? [.. server.Addresses.Select(a => a.ToString())] : options.Listen,
        traffic.Snapshot.Services.Count,
        foreign is not null ? options.ListenTls is [] ? null : options.ListenTls : server.TlsAddresses is [] ? null : [.. server.TlsAddresses.Select(a => a.ToString())],
        EdgeProblem.Of(automatic?.Broken),
        http3.Listening is [] ? null : [.. http3.Listening.Select(a => a.ToString())],
        EdgeProblem.Of(http3.Missing),
        foreign?.State);

    private static ILoggerFactory ConsoleLog() => LoggerFactory.Create(builder => builder
        .SetMinimumLevel(LogLevel.Warning)
        .AddFilter("Wherry", LogLevel.Information)
        .AddFilter("Yarp", LogLevel.Error)
        .AddSimpleConsole(o =>
        {
            o.SingleLine = true;
            o.ColorBehavior = LoggerColorBehavior.Disabled;
            o.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            o.UseUtcTimestamp = true;
        })
        .Services.Configure<ConsoleLoggerOptions>(o => o.LogToStandardErrorThreshold = LogLevel.Trace));

    [LoggerMessage(Level = LogLevel.Information, Message = "The edge listens on {Addresses}, socket {Socket}")]
    private static partial void LogStarted(ILogger logger, IReadOnlyList<System.Net.IPEndPoint> addresses, string socket);

    [LoggerMessage(Level = LogLevel.Information, Message = "The edge stops")]
    private static partial void LogStopping(ILogger logger);

    [LoggerMessage(Level = LogLevel.Critical, Message = "The edge cannot start ({Code}): {Reason} {Hint}")]
    private static partial void LogRefused(ILogger logger, string code, string reason, string hint);

    [LoggerMessage(Level = LogLevel.Error, Message = "Starting without services: {Reason}; the file is now {Aside}")]
    private static partial void LogDiscarded(ILogger logger, string reason, string aside);
}
