using System.Reflection;
using Wherry.Core.Model;
using Wherry.Core.Routing;
using Wherry.Edge.Foreign.Traefik;
using Wherry.Edge.Switching;
using Wherry.Edge.Tests.Rig;

namespace Wherry.Edge.Tests.Foreign.Traefik;

/// <summary>Everything that a service may ask for is in Traefik's configuration, or refused, or done by the edge's own process: nothing is ignored.</summary>
public sealed class TraefikCoverageTests
{
    private static readonly SavedService Plain = TraefikText.Saved(TraefikText.Service(A.Route(3000), A.Route(3000, path: "/api")) with { Probe = new() { Path = "/up" }, Tcp = [new(5432, 5432)] });

    /// <summary>A change for each property, by which one sees whether it counts.</summary>
    private static readonly Dictionary<string, Change> Changes = new()
    {
        ["SavedService.Key"] = new(s => s with { Key = "other.production.web" }),
        ["SavedService.Mode"] = new(s => s with { Mode = ServiceMode.Maintenance }),
        ["SavedService.Message"] = new(s => s with { Mode = ServiceMode.Maintenance, Message = "Back at noon" }),
        ["SavedService.Allow"] = new(s => s with { Mode = ServiceMode.Maintenance, Allow = ["10.0.0.1"] }),
        ["SavedService.MaxWait"] = new(s => s with { Mode = ServiceMode.Paused, MaxWait = TimeSpan.FromSeconds(3) }),
        ["EdgeService.Routes"] = Of(s => s with { Routes = [A.Route(4000)] }),
        ["EdgeService.Tcp"] = Of(s => s with { Tcp = [new(5433, 5432)] }),
        ["EdgeService.Targets"] = Of(s => s with { Targets = [new("one", "10.0.0.1")] }),
        ["EdgeService.Probe"] = Of(s => s with { Probe = new() }),
        ["EdgeService.MaxBodyBytes"] = Of(s => s with { MaxBodyBytes = 9 }),
        ["EdgeService.Tls"] = Of(s => s with { Tls = new() }),
        ["EdgeService.CanonicalHost"] = Of(s => s with { Routes = [.. s.Routes, A.Route(3000, "www.shop.test")], CanonicalHost = HostName.Parse("www.shop.test") }),
        ["EdgeService.Split"] = Of(s => s with { Split = Split }),
        ["EdgeService.Rules"] = Of(s => s with { Rules = new() { Quiet = new() } }),
        ["EdgeService.Files"] = Of(s => s with { Files = "a/b" }),
        ["Target.Address"] = Of(s => s with { Targets = [new("one", "10.0.0.9")] }),
        ["Probe.Path"] = OfProbe(new() { Path = "/well" }),
        ["Probe.Port"] = OfProbe(new() { Path = "/up", Port = 9 }),
        ["Probe.Host"] = OfProbe(new() { Path = "/up", Host = "else.test" }),
        ["Probe.Interval"] = OfProbe(new() { Path = "/up", Interval = TimeSpan.FromSeconds(9) }),
        ["Probe.Timeout"] = OfProbe(new() { Path = "/up", Timeout = TimeSpan.FromSeconds(9) }),
        ["TlsSettings.Source"] = Of(s => s with { Tls = new() { Source = TlsSource.Internal } }, s => s with { Tls = new() }),
        ["TlsSettings.Redirect"] = Of(s => s with { Tls = new() { Redirect = false } }, s => s with { Tls = new() }),
        ["TlsSettings.OnDemand"] = Of(s => s with { Tls = new() { OnDemand = "/ask" } }, s => s with { Tls = new() }),
        ["TrafficSplit.Targets"] = OfSplit(Split with { Targets = ["two"] }),
        ["TrafficSplit.Share"] = OfSplit(Split with { Share = 11 }),
        ["TrafficSplit.Cookie"] = OfSplit(Split with { Cookie = "who" }),
        ["TrafficSplit.Header"] = OfSplit(Split with { Header = "X-Who" }),
        ["TrafficSplit.Allow"] = OfSplit(Split with { Allow = ["me"] }),
        ["TrafficSplit.Mirror"] = OfSplit(Split with { Mirror = new() }),
        ["TrafficMirror.MaxBodyBytes"] = OfSplit(Split with { Mirror = new() { MaxBodyBytes = 9 } }, Split with { Mirror = new() }),
        ["TrafficMirror.Methods"] = OfSplit(Split with { Mirror = new() { Methods = ["PUT"] } }, Split with { Mirror = new() }),
        ["TcpRoute.Listen"] = OfTcp(new(5433, 5432)),
        ["TcpRoute.Port"] = OfTcp(new(5432, 5433)),
        ["TcpRoute.Address"] = OfTcp(new(5432, 5432) { Address = "127.0.0.1" }),
        ["TcpRoute.SilentFor"] = OfTcp(new(5432, 5432) { SilentFor = TimeSpan.FromMinutes(1) }),
        ["TcpRoute.MaxConnections"] = OfTcp(new(5432, 5432) { MaxConnections = 9 }),
        ["TcpRoute.SendProxy"] = OfTcp(new(5432, 5432) { SendProxy = 1 }),
        ["Route.Host"] = OfRoute(r => r with { Host = null }),
        ["Route.Path"] = OfRoute(r => r with { Path = PathPrefix.Parse("/v2") }),
        ["Route.Port"] = OfRoute(r => r with { Port = 4000 }),
        ["Route.StripPrefix"] = OfRoute(r => r with { StripPrefix = true }),
        ["Route.Rules"] = OfRules(new() { Compress = true }),
        ["Route.Protocol"] = OfRoute(r => r with { Protocol = RouteProtocol.H2c }),
        ["RouteRules.Redirect"] = OfRules(new() { Redirect = new("/a") }),
        ["RouteRules.AddPrefix"] = OfRules(new() { AddPrefix = PathPrefix.Parse("/a") }),
        ["RouteRules.RequestHeaders"] = OfRules(new() { RequestHeaders = new() { Remove = ["Cookie"] } }),
        ["RouteRules.ResponseHeaders"] = OfRules(new() { ResponseHeaders = new() { Remove = ["Server"] } }),
        ["RouteRules.Compress"] = OfRules(new() { Compress = true }),
        ["RouteRules.Allow"] = OfRules(new() { Allow = [] }),
        ["RouteRules.Deny"] = OfRules(new() { Deny = ["10.0.0.1"] }),
        ["RouteRules.RateLimit"] = OfRules(Limited),
        ["RouteRules.BasicAuth"] = OfRules(new() { BasicAuth = new Dictionary<string, string> { ["ann"] = "$2y$05$hash" } }),
        ["RouteRules.ForwardAuth"] = OfRules(new() { ForwardAuth = new("http://auth.test") }),
        ["RouteRules.NoIndex"] = OfRules(new() { NoIndex = true }),
        ["RouteRules.MaxBody"] = OfRules(new() { MaxBody = 9 }),
        ["RouteRules.FirstByteWithin"] = OfRules(new() { FirstByteWithin = TimeSpan.FromSeconds(9) }),
        ["RouteRules.SilentFor"] = OfRules(new() { SilentFor = TimeSpan.FromSeconds(9) }),
        ["RouteRules.StickyCookie"] = OfRules(new() { StickyCookie = "stay" }),
        ["RouteRules.Retries"] = OfRules(new() { Retries = 2 }),
        ["RouteRules.Buffer"] = OfRules(new() { Buffer = new() }),
        ["BufferRule.Requests"] = OfRules(new() { Buffer = new() { Requests = false } }, new() { Buffer = new() }),
        ["BufferRule.Responses"] = OfRules(new() { Buffer = new() { Responses = false } }, new() { Buffer = new() }),
        ["BufferRule.Memory"] = OfRules(new() { Buffer = new() { Memory = 9 } }, new() { Buffer = new() }),
        ["BufferRule.MaxResponse"] = OfRules(new() { Buffer = new() { MaxResponse = 9 } }, new() { Buffer = new() }),
        ["Redirection.To"] = OfRules(new() { Redirect = new("/b") }, new() { Redirect = new("/a") }),
        ["Redirection.Permanent"] = OfRules(new() { Redirect = new("/a", true) }, new() { Redirect = new("/a") }),
        ["HeaderChanges.Set"] = OfRules(new() { RequestHeaders = new() { Set = new Dictionary<string, string> { ["X-A"] = "b" } } }),
        ["HeaderChanges.Remove"] = OfRules(new() { RequestHeaders = new() { Remove = ["X-A"] } }),
        ["RateLimit.Requests"] = OfRules(new() { RateLimit = Limited.RateLimit! with { Requests = 6, Burst = 5 } }, Limited),
        ["RateLimit.Per"] = OfRules(new() { RateLimit = Limited.RateLimit! with { Per = TimeSpan.FromSeconds(2) } }, Limited),
        ["RateLimit.Burst"] = OfRules(new() { RateLimit = Limited.RateLimit! with { Burst = 6 } }, Limited),
        ["RateLimit.Header"] = OfRules(new() { RateLimit = Limited.RateLimit! with { Header = "X-Who" } }, Limited),
        ["ForwardAuth.Url"] = OfRules(new() { ForwardAuth = new("http://b.test") }, new() { ForwardAuth = new("http://a.test") }),
        ["ForwardAuth.CopyHeaders"] = OfRules(new() { ForwardAuth = new("http://a.test", ["Remote-User"]) }, new() { ForwardAuth = new("http://a.test") }),
        ["ServiceRules.ErrorPages"] = OfService(new() { ErrorPages = new Dictionary<string, string> { ["503"] = "later" } }),
        ["ServiceRules.Balance"] = OfService(new() { Balance = Balance.LeastRequests }),
        ["ServiceRules.Readers"] = OfService(new() { Readers = new() }),
        ["ServiceRules.Files"] = OfService(new() { Files = new() { From = "/app" } }),
        ["ServiceRules.Quiet"] = OfService(new() { Quiet = new() }),
        ["ServiceRules.Outliers"] = OfService(new() { Outliers = new() }),
    };

    /// <summary>What the edge's own process does, whoever serves.</summary>
    private static readonly Dictionary<string, string> DoneByTheEdge = new()
    {
        ["SavedService.Admission"] = "mode, message, list and end together",
        ["SavedService.Service"] = "its properties are looked at one by one",
        ["SavedService.Until"] = "the edge writes the configuration anew when the time has come",
        ["EdgeService.DrainFor"] = "the edge answers when it is over",
        ["EdgeService.Readers"] = "of use only with rules that are refused",
        ["EdgeService.TakesFrom"] = "the edge takes the routes from the others before",
        ["Target.Id"] = "a name; Traefik knows addresses",
        ["Probe.Deadline"] = "the edge's gate waits so long",
    };

    private static RouteRules Limited => new() { RateLimit = new(5, TimeSpan.FromSeconds(1)) };

    private static TrafficSplit Split => new() { Targets = ["one"], Share = 10 };

    public static TheoryData<string> Properties() => [.. Changes.Keys];

    [Fact]
    public void Every_property_has_its_test()
    {
        Type[] types = [typeof(SavedService), typeof(EdgeService), typeof(Target), typeof(Probe), typeof(TlsSettings), typeof(TrafficSplit), typeof(TrafficMirror), typeof(TcpRoute), typeof(Route), typeof(RouteRules), typeof(BufferRule), typeof(Redirection), typeof(HeaderChanges), typeof(RateLimit), typeof(ForwardAuth), typeof(ServiceRules)];
        var all = types.SelectMany(t => t.GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(p => $"{t.Name}.{p.Name}"));

        Assert.Equal(all.Order(StringComparer.Ordinal), Changes.Keys.Concat(DoneByTheEdge.Keys).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Properties))]
    public void A_property_is_in_the_configuration_or_refused(string property)
    {
        var (after, before) = (Changes[property].After(Plain), Changes[property].Before?.Invoke(Plain) ?? Plain);

        Assert.True(TraefikRefusals.Of(after.Service).Any() || TraefikRefusals.Of(after.Mode, after.Message, after.Allow).Any() || TraefikText.Of(before) != TraefikText.Of(after), $"{property} is ignored");
    }

    [Fact]
    public void What_is_plain_is_not_refused()
    {
        Assert.Empty(TraefikRefusals.Of(Plain.Service));
        Assert.Empty(TraefikRefusals.Of(Plain.Mode, Plain.Message, Plain.Allow));
    }

    private static Change Of(Func<EdgeService, EdgeService> after, Func<EdgeService, EdgeService>? before = null) => new(s => s with { Service = after(s.Service) }, before is null ? null : s => s with { Service = before(s.Service) });

    private static Change OfProbe(Probe probe) => Of(s => s with { Probe = probe });

    private static Change OfSplit(TrafficSplit split, TrafficSplit? before = null) => Of(s => s with { Split = split }, s => s with { Split = before ?? Split });

    private static Change OfTcp(TcpRoute route) => Of(s => s with { Tcp = [route] });

    private static Change OfRoute(Func<Route, Route> change) => Of(s => s with { Routes = [s.Routes[0], change(s.Routes[1])] });

    private static Change OfRules(RouteRules rules, RouteRules? before = null) => Of(s => s with { Routes = [s.Routes[0] with { Rules = rules }] }, s => s with { Routes = [s.Routes[0] with { Rules = before }] });

    private static Change OfService(ServiceRules rules) => Of(s => s with { Rules = rules });

    /// <param name="Before">Default: <see cref="Plain"/>.</param>
    private sealed record Change(Func<SavedService, SavedService> After, Func<SavedService, SavedService>? Before = null);
}
