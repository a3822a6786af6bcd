using System.CommandLine;
using System.Globalization;
using Wherry.Cli.Frame;
using Wherry.Cli.Supervision;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Edge;

namespace Wherry.Cli.Roles;

/// <summary><c>wherry edge</c>: the role that takes the traffic.</summary>
internal static class EdgeCommand
{
    public static Command Build(Verbs verbs)
    {
        var listen = new Option<string[]>("--listen") { Description = "Address for traffic; may be repeated (default: what `wherry up` chose, else 0.0.0.0:80 and [::]:80)", HelpName = "ADDRESS:PORT" };
        var listenTls = new Option<string[]>("--listen-tls") { Description = "Address for traffic over TLS; may be repeated (default: what `wherry up` chose, else none)", HelpName = "ADDRESS:PORT" };
        var trusted = new Option<string[]>("--trusted-proxy") { Description = "Proxy in front of this one whose forwarding headers are believed; may be repeated", HelpName = "ADDRESS|NETWORK" };
        var introduced = new Option<string[]>("--proxy-protocol-from") { Description = "Load balancer that begins each connection with the PROXY protocol; may be repeated", HelpName = "ADDRESS|NETWORK" };
        var defaultHost = new Option<string?>("--default-tls-host") { Description = "Host whose certificate a client gets that names none (no SNI; default: it is refused)", HelpName = "HOST" };
        return verbs.On(new Verb("edge", "Runs the edge: routing, health, drain; `wherry up` starts it", "wherry edge --listen 0.0.0.0:8080", "wherry edge --listen 0.0.0.0:80 --listen-tls 0.0.0.0:443", "wherry edge --trusted-proxy 10.0.0.0/8") { listen, listenTls, trusted, introduced, defaultHost }, async (call, ct) =>
        {
            using var only = OnlyOne.InHome(call.Home, "edge");
            var options = new EdgeOptions { Home = Path.Combine(call.Home, "edge"), TrustedProxies = call.Get(trusted) ?? [], ProxyProtocolFrom = call.Get(introduced) ?? [], Proxy = Remembered.EdgeProxy(call.Home), SocketsOf = int.TryParse(call.World.Variable(EdgeSockets.Variable), CultureInfo.InvariantCulture, out var holder) ? holder : null };
            options = call.Get(defaultHost) is { } host ? options with { DefaultTlsHost = HostName.Parse(host).Value } : options;
            var addresses = call.Get(listen) is { Length: > 0 } given ? given : Remembered.EdgeListen(call.Home);
            options = call.Get(listenTls) is { Length: > 0 } givenTls ? options with { ListenTls = givenTls } : options with { ListenTls = Remembered.EdgeListenTls(call.Home), TlsWhereFree = true };
            await LeaveAsync(call, ct);
            return (Exit)await EdgeHost.RunAsync(addresses.Count > 0 ? options with { Listen = addresses } : options, ct);
        });
    }

    /// <summary>Proxies that took the visitors before give the ports back. One that cannot be told is asked again at the next start: if it has the ports, the edge says so itself.</summary>
    private static async Task LeaveAsync(Call call, CancellationToken ct)
    {
        var notTold = new List<string>();
        foreach (var left in Remembered.EdgeProxiesLeft(call.Home).Where(p => !EdgeProxies.AreTheSame(p, Remembered.EdgeProxy(call.Home))))
        {
            try
            {
                await EdgeProxies.LeaveAsync(new() { Home = Path.Combine(call.Home, "edge"), Proxy = left }, ct);
            }
            catch (ProblemException e)
            {
                ProblemText.Write(call.World.Err, new(e.Problem.Code, e.Problem.Message, e.Problem.Hint), call.World.ColourErr);
                notTold.Add(left);
            }
        }

        Remembered.KeepPrivate(Remembered.EdgeProxyLeftFile(call.Home), notTold);
    }
}
