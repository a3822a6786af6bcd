using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Wherry.Edge.Listening;

/// <summary>The web server's own services, without a host around it: what its TLS needs can be had only so.</summary>
internal sealed class KestrelServices : IWebHostBuilder
{
    private readonly IServiceCollection _services;

    private KestrelServices(IServiceCollection services) => _services = services;

    public static IServiceCollection AddTo(IServiceCollection services)
    {
        new KestrelServices(services.AddMetrics()).UseKestrelCore();
        return services;
    }

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
