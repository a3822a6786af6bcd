using Wherry.Core.Model;
using Wherry.Core.Routing;

namespace Wherry.Edge.Tests.Rig;

/// <summary>Builds what tests need, with good defaults.</summary>
public static class A
{
    public const string Key = "shop.production.web";

    public const string Host = "shop.test";

    /// <summary>Probes that do not slow a test down.</summary>
    public static Probe Probe { get; } = new()
    {
        Path = "/up",
        Interval = TimeSpan.FromMilliseconds(50),
        Timeout = TimeSpan.FromMilliseconds(500),
        Deadline = TimeSpan.FromSeconds(5),
    };

    public static Route Route(int port, string? host = Host, string path = "/", bool strip = false) =>
        new(host is null ? null : HostName.Parse(host), PathPrefix.Parse(path), port, strip);

    /// <summary>A service on <see cref="Host"/> with these replicas, which all listen on one port.</summary>
    public static EdgeService Service(params Backend[] replicas) => new()
    {
        Routes = [Route(replicas[0].Port)],
        Targets = [.. replicas.Select(r => r.Target)],
        Probe = Probe,
        DrainFor = TimeSpan.FromSeconds(5),
    };
}
