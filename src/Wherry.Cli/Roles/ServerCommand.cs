using System.CommandLine;
using System.Net;
using Wherry.Cli.Frame;
using Wherry.Cli.Supervision;
using Wherry.Core.Problems;
using Wherry.Server;

namespace Wherry.Cli.Roles;

/// <summary><c>wherry server</c>: the role that builds and deploys.</summary>
internal static class ServerCommand
{
    public static Command Build(Verbs verbs)
    {
        var listen = new Option<string?>("--listen") { Description = "Where API and Git answer with a token (default 127.0.0.1:7070; `none`: only the socket)", HelpName = "ADDRESS:PORT" };
        var domain = new Option<string>("--domain") { Description = "Hosts of projects without a route of their own end with this", HelpName = "DOMAIN", DefaultValueFactory = _ => "localhost" };
        var engine = new Option<string?>("--engine") { Description = "The Docker Engine (DOCKER_HOST; default unix:///var/run/docker.sock)", HelpName = "ADDRESS" };
        var limits = new ServerLimits();
        var verb = new Verb("server", "Runs the server: API, Git, builds, deployments; `wherry up` starts it", "wherry server --home /var/lib/wherry", "wherry server --listen 0.0.0.0:7070 --domain apps.example.com", "wherry server --build-cpus 1.5 --build-memory 2g --disk-budget 70") { listen, domain, engine };
        limits.AddTo(verb);
        return verbs.On(verb, async (call, ct) =>
        {
            var options = new ServerOptions { Home = call.Home, Domain = call.Get(domain)!, Store = RememberedStore.Of(call.Home, call.World) };
            options = (call.Get(listen) ?? Remembered.ApiListen(call.Home)) is { } address ? options with { Listen = Endpoint(address) } : options;
            options = (call.Get(engine) ?? call.World.Variable("DOCKER_HOST")) is { } host ? options with { Engine = host } : options;
            options = limits.Apply(call, options);
            using var only = OnlyOne.InHome(options.Home, "server");
            RememberedTelemetry.Apply(options.Home);
            await ServerHost.RunAsync(options, ct);
            return Exit.Ok;
        });
    }

    /// <exception cref="ProblemException"><c>cli/listen</c>.</exception>
    internal static IPEndPoint? Endpoint(string text) => text == "none" ? null
        : IPEndPoint.TryParse(text, out var endpoint) && endpoint.Port > 0 ? endpoint
        : throw new Problem("cli/listen", $"\"{text}\" is not an address to listen on.", "Give it as ADDRESS:PORT, for instance 127.0.0.1:7070 or [::]:80.").AsException();
}
