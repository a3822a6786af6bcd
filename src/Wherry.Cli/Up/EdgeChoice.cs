using Wherry.Cli.Supervision;
using Wherry.Core.Problems;
using Wherry.Edge;

namespace Wherry.Cli.Up;

/// <summary>Who takes the visitors: Wherry's own edge, or a proxy that runs on this machine already. Kept from then on.</summary>
internal static class EdgeChoice
{
    public const string Own = "own";
    public const string Caddy = "caddy";
    public const string Traefik = "traefik";

    /// <param name="asked">Who was asked for; <see langword="null"/>: who it was before.</param>
    /// <param name="admin">Address of Caddy's admin API.</param>
    /// <param name="traefik">How Traefik is told.</param>
    /// <returns>Whether it is another now; the edge must be started again for it.</returns>
    /// <exception cref="ProblemException"><c>edge/proxy</c>, <c>edge/proxy-away</c>, <c>edge/unsupported</c>; nothing has changed.</exception>
    public static async Task<bool> KeepAsync(HomeFiles files, string? asked, string? admin, TraefikWish traefik, CancellationToken ct)
    {
        var before = Remembered.EdgeProxy(files.Home);
        RefuseBoth(before, asked, admin, traefik);
        asked ??= traefik.IsSaid ? Traefik : null;
        var wanted = asked switch
        {
            null when admin is null => before,
            Own => null,
            Traefik => traefik.Over(before),
            _ => admin is null ? before is not null && before.StartsWith(Caddy, StringComparison.Ordinal) ? before : Caddy : $"{Caddy} {admin}",
        };
        if (wanted is not null && asked is not null | admin is not null)
        {
            await EdgeProxies.CheckAsync(OptionsOf(files, wanted), ct);
        }

        if (wanted == before)
        {
            return false;
        }

        Keep(files, wanted);
        return true;
    }

    /// <summary>Writes down who takes the visitors from now on.</summary>
    public static void Keep(HomeFiles files, string? wanted)
    {
        if (Remembered.EdgeProxy(files.Home) is { } before && !EdgeProxies.AreTheSame(before, wanted))
        {
            // The next edge takes out of it what is in it: this one would put it back.
            Remembered.KeepPrivate(Remembered.EdgeProxyLeftFile(files.Home), [.. Remembered.EdgeProxiesLeft(files.Home).Where(p => !EdgeProxies.AreTheSame(p, before)), before]);
        }

        Remembered.KeepPrivate(Remembered.EdgeProxyFile(files.Home), wanted is null ? [] : [wanted]);
    }

    private static void RefuseBoth(string? before, string? asked, string? admin, TraefikWish traefik)
    {
        var ofTraefik = asked is Traefik || traefik.IsSaid || (asked is null && NameOf(before) is "Traefik");
        if (admin is not null && ofTraefik)
        {
            throw new Problem("edge/proxy", "--caddy-admin is for Caddy, and Traefik takes the visitors.", "Leave it out, or choose Caddy: `wherry up --edge caddy --caddy-admin ADDRESS`.").AsException();
        }

        if (traefik.IsSaid && asked is null && NameOf(before) is "Caddy")
        {
            throw new Problem("edge/proxy", "What was said is for Traefik, and Caddy takes the visitors.", "Leave it out, or choose Traefik: `wherry up --edge traefik --traefik-folder PATH`.").AsException();
        }
    }

    /// <summary>Who listens, for a person.</summary>
    public static string NameOf(string? proxy) => proxy is null ? "edge" : proxy.StartsWith(Traefik, StringComparison.Ordinal) ? "Traefik" : "Caddy";

    private static EdgeOptions OptionsOf(HomeFiles files, string proxy) => new() { Home = Path.Combine(files.Home, "edge"), Proxy = proxy };
}
