using System.CommandLine;
using Wherry.Cli.Frame;
using Wherry.Edge.Foreign.Traefik;

namespace Wherry.Cli.Up;

/// <summary>What <c>wherry up</c> was told of a Traefik that takes the visitors; what it was not told stays as it was.</summary>
/// <param name="EntryPoints">Names of two, with a comma between them.</param>
/// <param name="Resolver"><c>none</c>: no resolver any more. So with <paramref name="Asks"/>.</param>
internal sealed record TraefikWish(string? Folder = null, string? EntryPoints = null, string? Resolver = null, string? Asks = null)
{
    private const string UsualFolder = "/etc/traefik/wherry";
    private const string None = "none";

    /// <summary>Whether anything was said.</summary>
    public bool IsSaid => this != new TraefikWish();

    /// <summary>The edge's proxy as it is kept from now on.</summary>
    /// <param name="before">As it was kept until now.</param>
    public string Over(string? before)
    {
        var kept = before is not null && before.StartsWith($"{EdgeChoice.Traefik} ", StringComparison.Ordinal) ? TraefikOptions.Parse(before[(EdgeChoice.Traefik.Length + 1)..]) : null;
        var text = (kept ?? new() { Folder = UsualFolder }) with { Folder = Folder ?? kept?.Folder ?? UsualFolder };
        var names = EntryPoints?.Split(',');
        text = names is [var http, var tls] ? text with { HttpEntryPoint = http, TlsEntryPoint = tls } : text;
        text = Resolver is null ? text : text with { Resolver = Resolver is None ? null : Resolver };
        text = text with { Asks = Asks is null ? text.Asks : null };
        return $"{EdgeChoice.Traefik} {text}{(Asks is null or None ? "" : $" asks={Asks}")}{(names is null or [_, _] ? "" : $" entrypoints={EntryPoints}")}"; // what cannot be meant is refused by who reads it
    }

    /// <summary>The options by which it is said.</summary>
    internal sealed class Options
    {
        /// <param name="edge">The option that says who takes the visitors.</param>
        public Options(Option<string?> edge)
        {
            foreach (var option in new[] { Folder, EntryPoints, Resolver, Asks })
            {
                option.Validators.Add(result =>
                {
                    if (result is { Implicit: false } && result.GetValue(edge) is EdgeChoice.Own or EdgeChoice.Caddy)
                    {
                        result.AddError($"{option.Name} is for --edge traefik.");
                    }
                });
            }
        }

        public Option<string?> Folder { get; } = new("--traefik-folder") { Description = $"Folder that Traefik watches (providers.file.directory; default: {UsualFolder}; kept from then on)", HelpName = "PATH" };

        public Option<string?> EntryPoints { get; } = new("--traefik-entrypoints") { Description = "Traefik's entry points for plain HTTP and for TLS (default: web,websecure; kept from then on)", HelpName = "HTTP,TLS" };

        public Option<string?> Resolver { get; } = new("--traefik-resolver") { Description = "Traefik's resolver that obtains certificates; none for none (default: none; kept from then on)", HelpName = "NAME" };

        public Option<string?> Asks { get; } = new("--traefik-asks") { Description = "Address of Traefik's entry point for plain HTTP, where the edge asks by which configuration it serves; none to wait 3 s instead (default: none; kept from then on)", HelpName = "URL" };

        public TraefikWish Of(Call call) => new(call.Get(Folder), call.Get(EntryPoints), call.Get(Resolver), call.Get(Asks));
    }
}
