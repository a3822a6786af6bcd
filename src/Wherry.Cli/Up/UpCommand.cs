using System.CommandLine;
using System.CommandLine.Parsing;
using Wherry.Cli.Frame;
using Wherry.Edge.Acme;

namespace Wherry.Cli.Up;

/// <summary><c>wherry up</c>: installs this program, starts server and edge, and brings an example to life. Running it again changes only what is missing.</summary>
internal static class UpCommand
{
    public static Command Build(Verbs verbs)
    {
        var example = new Option<string?>("--example") { Description = "Example to push: hello or shop; none to push nothing (default: hello from a checkout, else none)", HelpName = "NAME" };
        var port = new Option<int?>("--port") { Description = "Port for traffic (default: 80 when it may, else 8080; kept from then on)", HelpName = "PORT" };
        var tlsPort = new Option<int?>("--tls-port") { Description = "Port for TLS; 0 for none (default: 443 when --port is 80 and it is free; kept from then on)", HelpName = "PORT" };
        var email = new Option<string?>("--acme-email") { Description = "Have a public authority sign the certificates of services with TLS: your mail address for it, which agrees to its terms (kept from then on)", HelpName = "ADDRESS" };
        var directory = new Option<string?>("--acme-directory") { Description = "That authority's directory: letsencrypt, letsencrypt-staging or an address (default: letsencrypt; kept from then on)", HelpName = "NAME|URL" };
        var staging = new Option<bool>("--acme-staging") { Description = "Short for --acme-directory letsencrypt-staging: for trying things out; no browser trusts its certificates" };
        var edge = new Option<string?>("--edge") { Description = "Who takes the visitors: own, Wherry's edge; or caddy or traefik, one that runs on this machine (default: own; kept from then on)", HelpName = "own|caddy|traefik" };
        edge.AcceptOnlyFromAmong(EdgeChoice.Own, EdgeChoice.Caddy, EdgeChoice.Traefik);
        var caddyAdmin = new Option<string?>("--caddy-admin") { Description = "Address of Caddy's admin API: http://localhost:2019, or unix//run/caddy/admin.sock (default: the first; kept from then on)", HelpName = "ADDRESS" };
        caddyAdmin.Validators.Add(result =>
        {
            if (result is { Implicit: false } && result.GetValue(edge) is EdgeChoice.Own or EdgeChoice.Traefik)
            {
                result.AddError("--caddy-admin is for --edge caddy.");
            }
        });
        var traefik = new TraefikWish.Options(edge);
        staging.Validators.Add(result =>
        {
            if (result is { Implicit: false } && result.GetResult(directory) is not null)
            {
                result.AddError("--acme-staging is short for --acme-directory letsencrypt-staging: give one of them.");
            }
        });
        port.Validators.Add(result => CheckPort(result, 1));
        tlsPort.Validators.Add(result => CheckPort(result, 0));
        return verbs.On(new Verb("up", "Starts Wherry on this machine and pushes an example; safe to repeat", "wherry up", "wherry up --example shop", "wherry up --port 8080 --tls-port 8443", "wherry up --acme-email you@example.com", "wherry up --edge caddy", "wherry up --edge traefik --traefik-asks http://127.0.0.1") { example, port, tlsPort, edge, caddyAdmin, traefik.Folder, traefik.EntryPoints, traefik.Resolver, traefik.Asks, email, directory, staging }, async (call, ct) =>
        {
            var setup = await Setup.PrepareAsync(call, new(call.Get(port), call.Get(tlsPort), call.Get(edge), call.Get(caddyAdmin), traefik.Of(call)), ct);
            setup.KeepAcme(call.Get(email), call.Get(directory) ?? (call.Get(staging) ? AcmeDirectories.LetsEncryptStaging : null));
            await setup.StartAsync(ct);
            var name = call.Get(example) ?? (call.World.Variable("WHERRY_ROOT") is null ? "none" : "hello"); // `./wherry` says where the checkout is
            if (name != "none")
            {
                return await ExampleProject.Find(call, setup, name).BringUpAsync(ct);
            }

            return Exit.Ok;
        });
    }

    private static void CheckPort(OptionResult result, int least)
    {
        if (result.Tokens is [{ Value: var text }] && (!int.TryParse(text, out var number) || number < least || number > 65535))
        {
            result.AddError($"\"{text}\" is not a port: {least}-65535.");
        }
    }
}
