using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Wherry.Edge.Foreign.Traefik;

/// <summary>By what one sees which configuration Traefik serves by: for one host that is nobody's it sends visitors to a path that is the configuration's hash.</summary>
internal static class TraefikMark
{
    public const string Host = "configuration.wherry.internal";

    private const string Name = "wherry~configuration";
    private const int BeforeAllOthers = 9_000_000;

    /// <summary>The same configuration with its mark.</summary>
    public static (TraefikConfiguration Marked, string Mark) On(TraefikConfiguration configuration, TraefikOptions options)
    {
        var mark = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(TraefikJson.Write(configuration))))[..32];
        var http = configuration.Http;
        return (configuration with
        {
            Http = new(
                With(http?.Routers, new([options.HttpEntryPoint], string.Create(CultureInfo.InvariantCulture, $"Host(`{Host}`)"), BeforeAllOthers, [Name], TraefikNames.Nobody, null)),
                With(http?.Middlewares, new() { RedirectRegex = new("^(https?://[^/?]*).*$", "${1}/" + mark, Permanent: false) }),
                http?.Services,
                http?.ServersTransports),
        }, mark);
    }

    private static SortedDictionary<string, T> With<T>(IReadOnlyDictionary<string, T>? all, T what) =>
        new(new Dictionary<string, T>(all ?? new Dictionary<string, T>()) { [Name] = what }, StringComparer.Ordinal);
}
