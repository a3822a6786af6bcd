using System.Reflection;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Core.Routing;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Foreign;

/// <summary>Whatever can be asked of a service reaches Caddy's configuration or is refused by name. Nothing is left out in silence.</summary>
public sealed class CaddyTranslationTests : OnAnEdge
{
    /// <summary>What the edge itself does, whoever serves: it waits, probes, and moves hosts.</summary>
    private static readonly HashSet<string> OfTheEdge =
    [
        "EdgeService.DrainFor", "EdgeService.TakesFrom", "EdgeService.Readers", // those are only divided where a rule says so
        "Probe.Deadline",
        "BufferRule.Requests", "BufferRule.Responses", "BufferRule.Memory", "BufferRule.MaxResponse", // the rule is refused as a whole, and so are these
        "TrafficSplit.Targets", "TrafficSplit.Share", "TrafficSplit.Cookie", "TrafficSplit.Header", "TrafficSplit.Allow", "TrafficSplit.Mirror",
        "FilesRule.From", "FilesRule.Spa", "FilesRule.Immutable",
        "ReadersRule.Writers", "ReadersRule.Affinity", "ReadersRule.Websockets",
        "QuietRule.Metrics", "QuietRule.Log",
        "OutlierRule.Failures", "OutlierRule.EjectFor", "OutlierRule.PanicBelow",
        "RateLimit.Requests", "RateLimit.Per", "RateLimit.Burst", "RateLimit.Header",
    ];

    private static readonly Type[] Asked =
    [
        typeof(EdgeService), typeof(Probe), typeof(Route), typeof(TlsSettings), typeof(ServiceRules), typeof(RouteRules), typeof(HeaderChanges), typeof(Redirection), typeof(ForwardAuth),
        typeof(BufferRule), typeof(TrafficSplit), typeof(FilesRule), typeof(ReadersRule), typeof(QuietRule), typeof(OutlierRule), typeof(RateLimit),
    ];

    /// <summary>A way to ask for each of them that differs from the service of the test in nothing else.</summary>
    private static readonly Dictionary<string, Func<EdgeService, EdgeService>> Ways = new()
    {
        ["EdgeService.Routes"] = s => s with { Routes = [.. s.Routes, A.Route(s.Routes[0].Port, "more.test")] },
        ["EdgeService.Tcp"] = s => s with { Tcp = [new(Backend.FreePort(), s.Routes[0].Port)] },
        ["EdgeService.Targets"] = s => s with { Targets = [s.Targets[0]] },
        ["EdgeService.Probe"] = s => s with { Probe = s.Probe with { Path = null } },
        ["EdgeService.MaxBodyBytes"] = s => s with { MaxBodyBytes = 10 },
        ["EdgeService.Tls"] = s => s with { Tls = new() },
        ["EdgeService.CanonicalHost"] = s => s with { CanonicalHost = HostName.Parse(A.Host) },
        ["EdgeService.Split"] = s => s with { Split = new() { Targets = [s.Targets[0].Id], Share = 10 } },
        ["EdgeService.Rules"] = s => s with { Rules = new() { Balance = Balance.LeastRequests } },
        ["EdgeService.Files"] = s => s with { Files = "a/b" },
        ["Probe.Path"] = s => s with { Probe = s.Probe with { Path = "/" } },
        ["Probe.Port"] = s => s with { Probe = s.Probe with { Port = 1 } },
        ["Probe.Host"] = s => s with { Probe = s.Probe with { Host = "probe.test" } },
        ["Probe.Interval"] = s => s with { Probe = s.Probe with { Interval = TimeSpan.FromSeconds(7) } },
        ["Probe.Timeout"] = s => s with { Probe = s.Probe with { Timeout = TimeSpan.FromSeconds(2) } },
        ["Route.Host"] = s => s with { Routes = [s.Routes[0] with { Host = HostName.Parse("*.test") }] },
        ["Route.Path"] = s => s with { Routes = [s.Routes[0] with { Path = PathPrefix.Parse("/a") }] },
        ["Route.Port"] = s => s with { Routes = [s.Routes[0], A.Route(s.Routes[0].Port + 1, "more.test")] },
        ["Route.StripPrefix"] = s => s with { Routes = [A.Route(s.Routes[0].Port, path: "/a"), A.Route(s.Routes[0].Port, path: "/b", strip: true)] },
        ["Route.Rules"] = s => Ruled(s, new() { NoIndex = true }),
        ["Route.Protocol"] = s => s with { Routes = [s.Routes[0] with { Protocol = RouteProtocol.H2c }] },
        ["TlsSettings.Source"] = s => s with { Tls = new() { Source = TlsSource.Internal } },
        ["TlsSettings.Redirect"] = s => s with { Tls = new() { Redirect = false } },
        ["TlsSettings.OnDemand"] = s => s with { Routes = [A.Route(s.Routes[0].Port, host: null)], Tls = new() { OnDemand = "/may" } },
        ["ServiceRules.ErrorPages"] = s => s with { Rules = new() { ErrorPages = new Dictionary<string, string> { ["503"] = "own" } } },
        ["ServiceRules.Balance"] = s => s with { Rules = new() { Balance = Balance.LeastRequests } },
        ["ServiceRules.Readers"] = s => s with { Rules = new() { Readers = new() } },
        ["ServiceRules.Files"] = s => s with { Rules = new() { Files = new() { From = "/app" } } },
        ["ServiceRules.Quiet"] = s => s with { Rules = new() { Quiet = new() { Log = ["/up"] } } },
        ["ServiceRules.Outliers"] = s => s with { Rules = new() { Outliers = new() } },
        ["RouteRules.Redirect"] = s => Ruled(s, new() { Redirect = new("/here") }),
        ["RouteRules.AddPrefix"] = s => Ruled(s, new() { AddPrefix = PathPrefix.Parse("/a") }),
        ["RouteRules.RequestHeaders"] = s => Ruled(s, new() { RequestHeaders = new() { Remove = ["X-A"] } }),
        ["RouteRules.ResponseHeaders"] = s => Ruled(s, new() { ResponseHeaders = new() { Remove = ["X-A"] } }),
        ["RouteRules.Compress"] = s => Ruled(s, new() { Compress = true }),
        ["RouteRules.Allow"] = s => Ruled(s, new() { Allow = ["10.0.0.0/8"] }),
        ["RouteRules.Deny"] = s => Ruled(s, new() { Deny = ["10.0.0.0/8"] }),
        ["RouteRules.RateLimit"] = s => Ruled(s, new() { RateLimit = new(1, TimeSpan.FromSeconds(1)) }),
        ["RouteRules.BasicAuth"] = s => Ruled(s, new() { BasicAuth = new Dictionary<string, string> { ["ann"] = "$2y$05$Fxu4hF6JyRnaTMWAtb4vV.fx9z7qEnxn4TT/aB.n8ZQgyH0F5qoGy" } }),
        ["RouteRules.ForwardAuth"] = s => Ruled(s, new() { ForwardAuth = new("http://127.0.0.1:1/ask") }),
        ["RouteRules.NoIndex"] = s => Ruled(s, new() { NoIndex = true }),
        ["RouteRules.MaxBody"] = s => Ruled(s, new() { MaxBody = 10 }),
        ["RouteRules.FirstByteWithin"] = s => Ruled(s, new() { FirstByteWithin = TimeSpan.FromSeconds(3) }),
        ["RouteRules.SilentFor"] = s => Ruled(s, new() { SilentFor = TimeSpan.FromSeconds(3) }),
        ["RouteRules.StickyCookie"] = s => Ruled(s, new() { StickyCookie = "place" }),
        ["RouteRules.Retries"] = s => Ruled(s, new() { Retries = 0 }),
        ["RouteRules.Buffer"] = s => Ruled(s, new() { Buffer = new() }),
        ["HeaderChanges.Set"] = s => Ruled(s, new() { RequestHeaders = new() { Set = new Dictionary<string, string> { ["X-A"] = "b" } } }),
        ["HeaderChanges.Remove"] = s => Ruled(s, new() { RequestHeaders = new() { Remove = ["X-A"] } }),
        ["Redirection.To"] = s => Ruled(s, new() { Redirect = new("/here") }),
        ["Redirection.Permanent"] = s => s with { Routes = [A.Route(s.Routes[0].Port) with { Rules = new() { Redirect = new("/here", Permanent: true) } }, A.Route(s.Routes[0].Port, "other.test") with { Rules = new() { Redirect = new("/here") } }] },
        ["ForwardAuth.Url"] = s => Ruled(s, new() { ForwardAuth = new("http://127.0.0.1:1/ask") }),
        ["ForwardAuth.CopyHeaders"] = s => Ruled(s, new() { ForwardAuth = new("http://127.0.0.1:1/ask", ["Remote-User"]) }),
    };

    protected override bool OnCaddy => true;

    [Fact]
    public async Task Everything_that_a_service_may_ask_for_is_done_or_refused()
    {
        await using var one = await Backend.StartAsync("one");
        await using var two = await Backend.StartAsync("two", beside: one);
        var service = A.Service(one, two) with { Probe = A.Probe with { Deadline = TimeSpan.FromMilliseconds(300) } };
        List<string> silent = [];
        foreach (var property in Asked.SelectMany(t => t.GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(p => $"{t.Name}.{p.Name}")).Where(p => !OfTheEdge.Contains(p)))
        {
            Assert.True(Ways.ContainsKey(property), $"{property} is new: say in CaddyRefusals that Caddy cannot do it, or translate it; and ask for it here.");
            await Edge.Control.PutAsync(service, Ct);
            var before = await ServersAsync();
            try
            {
                await Edge.Control.PutAsync(Ways[property](service), Ct);
                if (await ServersAsync() == before)
                {
                    silent.Add(property);
                }
            }
            catch (ProblemException e) when (e.Problem.Code is "edge/unsupported" or "health/deadline" || (property == "Route.Protocol" && e.Problem.Code != "edge/service"))
            {
                // Refused by name; or probed where nobody answers, as it was asked.
            }
        }

        Assert.Empty(silent);
    }

    private async Task<string> ServersAsync() => (await Caddy.ConfigAsync())["apps"]!.ToJsonString();

    private static EdgeService Ruled(EdgeService service, RouteRules rules) => service with { Routes = [service.Routes[0] with { Rules = rules }] };

    protected override EdgeOptions Options(EdgeOptions defaults) => defaults with { ListenTls = ["127.0.0.1:0"] };
}
