using System.Diagnostics;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging;

namespace Wherry.Edge.Listening;

/// <summary>The web server's own services, without a host around it: the server itself, and what its TLS and its QUIC need, can be had only so.</summary>
internal sealed class KestrelServices : IWebHostBuilder
{
    private readonly IServiceCollection _services;

    private KestrelServices(IServiceCollection services) => _services = services;

    /// <summary>Everything for a server of HTTP/1.1 and HTTP/2.</summary>
    public static IServiceCollection ForTcp(ILoggerFactory logging)
    {
        var services = Begin(logging);
        new KestrelServices(services).UseKestrelCore().UseSockets();
        return services.AddSingleton<IMemoryPoolFactory<byte>, Blocks>(); // behind the server's own: the last one counts
    }

    /// <summary>That, and what hands the handshake of HTTP/3 to a transport.</summary>
    public static IServiceCollection ForTcpAndQuic(ILoggerFactory logging)
    {
        var services = ForTcp(logging).AddSingleton<IHostEnvironment>(new HostingEnvironment());
        new KestrelServices(services).UseKestrelHttpsConfiguration();
        return services;
    }

    /// <summary>The transport of HTTP/3; <see langword="null"/> where the system has no QUIC.</summary>
    public static IMultiplexedConnectionListenerFactory? Quic(ILoggerFactory logging)
    {
        var services = Begin(logging);
        new KestrelServices(services).UseKestrel();
        return services.BuildServiceProvider().GetService<IMultiplexedConnectionListenerFactory>();
    }

    private static IServiceCollection Begin(ILoggerFactory logging) =>
        new ServiceCollection().AddSingleton(logging).AddSingleton(typeof(ILogger<>), typeof(Logger<>)).AddSingleton<DiagnosticSource>(_ => new DiagnosticListener("Wherry.Edge")).AddOptions().AddMetrics();

    public IWebHostBuilder ConfigureServices(Action<IServiceCollection> configureServices)
    {
        configureServices(_services);
        return this;
    }

    public IWebHostBuilder ConfigureServices(Action<WebHostBuilderContext, IServiceCollection> configureServices)
    {
        configureServices(new(), _services);
        return this;
    }

    public IWebHostBuilder ConfigureAppConfiguration(Action<WebHostBuilderContext, IConfigurationBuilder> configureDelegate) => this;

    public string? GetSetting(string key) => null;

    public IWebHostBuilder UseSetting(string key, string? value) => this;

#pragma warning disable ASPDEPR008 // the interface asks for it; nobody calls it
    public IWebHost Build() => throw new NotSupportedException("Only the services are wanted.");
#pragma warning restore ASPDEPR008
}
