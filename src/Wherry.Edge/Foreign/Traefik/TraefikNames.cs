using System.Globalization;
using Wherry.Core.Model;

namespace Wherry.Edge.Foreign.Traefik;

/// <summary>Names in a configuration. A <c>~</c> is in no service's key, so none is another's.</summary>
internal static class TraefikNames
{
    /// <summary>Traefik's own service that answers nothing of use; what is in front of it answers.</summary>
    public const string Nobody = "noop@internal";

    /// <summary>The TLS options of all routers.</summary>
    public const string TlsOptions = "wherry";

    public const string ToHttps = "wherry~https";

    public const string Stopped = "wherry~stopped";

    public static string OfRoute(string key, int route, string part = "") => string.Create(CultureInfo.InvariantCulture, $"{key}~{route}{(part.Length > 0 ? "~" : "")}{part}");

    public static string OfTcp(string key, TcpRoute route) => string.Create(CultureInfo.InvariantCulture, $"{key}~tcp-{route.Listen}");

    /// <summary>The entry point that its static configuration must have for a port.</summary>
    public static string EntryPoint(TcpRoute route) => string.Create(CultureInfo.InvariantCulture, $"tcp-{route.Listen}");

    /// <summary>As Go reads a duration.</summary>
    public static string Duration(TimeSpan time) => time.Ticks % TimeSpan.TicksPerSecond == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalSeconds}s")
        : string.Create(CultureInfo.InvariantCulture, $"{(long)Math.Ceiling(time.TotalMilliseconds)}ms");
}
