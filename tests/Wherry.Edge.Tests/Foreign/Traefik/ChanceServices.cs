using System.Globalization;
using Wherry.Core.Model;
using Wherry.Core.Routing;
using Wherry.Edge.Switching;

namespace Wherry.Edge.Tests.Foreign.Traefik;

/// <summary>Services made by chance, the same for the same seed. Each can be served by our own edge; some ask for what Traefik cannot do.</summary>
internal sealed class ChanceServices(int seed)
{
    private readonly Random _random = new(seed);
    private int _places;

    public IReadOnlyList<SavedService> Next() => [.. Enumerable.Range(0, _random.Next(1, 5)).Select(i => Saved($"p{i}.production.{Text("aZ0._-", 1, 20)}x{i}"))];

    private SavedService Saved(string key)
    {
        var mode = One(ServiceMode.Running, ServiceMode.Running, ServiceMode.Running, ServiceMode.Maintenance, ServiceMode.Paused);
        SavedService saved = new(key, Service(), mode, Maybe(10, "Back at noon"), TimeSpan.FromSeconds(30), mode is ServiceMode.Running ? null : Maybe(2, Networks()));
        EdgeServiceRules.Check(key, saved.Service);
        return saved;
    }

    private EdgeService Service()
    {
        var hosts = Enumerable.Range(0, _random.Next(1, 4)).Select(_ => Host()).ToList();
        var targets = Enumerable.Range(0, _random.Next(0, 5)).Select(i => new Target($"r{i}-{Text("aZ0._-", 0, 20)}", i % 2 == 0 ? $"10.0.{_random.Next(256)}.{i}" : $"fd00::{_random.Next(1, 9999)}:{i}")).ToList();
        IReadOnlyList<Route> routes = [.. hosts.SelectMany(h => Paths().Select(p => Route(h, p)))];
        var named = hosts.Find(h => h is { IsWildcard: false });
        return new()
        {
            Routes = routes,
            Tcp = Maybe(4, () => new List<TcpRoute> { new(10_000 + _places++, _random.Next(1, 65536)) { SendProxy = One<int?>(null, 1, 2) } }),
            Targets = targets,
            Probe = new() { Path = Maybe(2, One("/", "/up", "/health/live?deep=1", "/a%20b")), Port = One<int?>(null, 9000), Host = Maybe(3, "probe.test"), Timeout = TimeSpan.FromMilliseconds(_random.Next(10, 5000)) },
            MaxBodyBytes = One<long?>(null, null, 1000, 0),
            Tls = Maybe(2, () => new TlsSettings { Source = One(Enum.GetValues<TlsSource>()), Redirect = Is(2) }),
            CanonicalHost = named is not null && Is(3) ? named : null,
            Split = targets.Count > 1 && Is(3) ? Split(targets) : null,
            Rules = Maybe(12, new ServiceRules { Outliers = new() }),
        };
    }

    private TrafficSplit Split(List<Target> targets) => new()
    {
        Targets = [.. targets.Take(_random.Next(0, targets.Count)).Select(t => t.Id)],
        Share = One(0, 1, 12.5, 99, 100),
        Cookie = Maybe(9, "who"),
        Mirror = Maybe(3, () => new TrafficMirror { MaxBodyBytes = _random.Next(1 << 20), Methods = One<IReadOnlyList<string>>(["GET", "HEAD"], ["POST"], [], ["`"]) }),
    };

    private Route Route(HostName? host, PathPrefix path) => new(host, path, _random.Next(1, 65536), Is(3), Maybe(2, Rules), One(RouteProtocol.Http1, RouteProtocol.Http1, RouteProtocol.H2c));

    private RouteRules Rules() => new()
    {
        Redirect = Maybe(4, () => new Redirection(One("https://else.test", "http://else.test/a?b=$1", "/here/{{.}}"), Is(2))),
        AddPrefix = Maybe(4, PathPrefix.Parse(One("/", "/base", "/v1/x"))),
        RequestHeaders = Maybe(3, Headers),
        ResponseHeaders = Maybe(3, Headers),
        Compress = Is(3),
        Allow = Maybe(4, Networks()),
        Deny = Maybe(12, Networks()),
        RateLimit = Maybe(4, () => new RateLimit(_random.Next(1, 1000), TimeSpan.FromMilliseconds(_random.Next(1000, 100_000)), One<int?>(null, 7), Maybe(2, "X-Who"))),
        BasicAuth = Maybe(4, () => new Dictionary<string, string> { [One("ann", "{{ann}}", "o'neil \"x\"", "ännchen")] = "$2y$05$" + new string('a', 53) }),
        ForwardAuth = Maybe(5, () => new ForwardAuth("http://auth.test:9/ask?{{a}}", One<IReadOnlyList<string>?>(null, [], ["Remote-User"]))),
        NoIndex = Is(4),
        MaxBody = One<long?>(null, null, 5, 1 << 20),
        FirstByteWithin = Maybe(4, TimeSpan.FromMilliseconds(_random.Next(10, 90_000))),
        StickyCookie = Maybe(4, One("stay", "`$!{")[.._random.Next(1, 4)].Replace("{", "x", StringComparison.Ordinal)),
        Retries = One<int?>(null, 0, 1, 3),
        Buffer = Maybe(5, () => new BufferRule { Requests = true, Responses = !Is(9), Memory = _random.Next(1, 1 << 20) }),
    };

    private HeaderChanges Headers() => new() { Set = new Dictionary<string, string> { ["X-A"] = Text("aZ09 {}`\"\\$'&<>#:~", 0, 60), ["Strict-Transport-Security"] = "max-age=1" }, Remove = One<IReadOnlyList<string>>([], ["Server", "x-a"]) };

    private IReadOnlyList<string> Networks() => One<IReadOnlyList<string>>(["10.0.0.0/8", "::1"], ["127.1"], [], ["192.0.2.7", "2001:db8::/32"]);

    private HostName? Host() => Is(9) && _places++ == 0 ? null : HostName.Parse($"{(Is(5) ? "*." : "")}h{_places++}.{Text("az09_", 1, 9)}.test");

    private IEnumerable<PathPrefix> Paths() => new[] { "/", "/api", "/api/v1.0~x", Is(15) ? "/a%20b" : "/deep/er", Is(15) ? "/a;b=c" : "/x_y-z" }.Take(_random.Next(1, 6)).Select(PathPrefix.Parse);

    private string Text(string of, int least, int most) => string.Create(CultureInfo.InvariantCulture, $"{string.Concat(Enumerable.Range(0, _random.Next(least, most)).Select(_ => of[_random.Next(of.Length)]))}");

    private bool Is(int inHowMany) => _random.Next(inHowMany) == 0;

    private T One<T>(params T[] of) => of[_random.Next(of.Length)];

    private T? Maybe<T>(int inHowMany, T what)
        where T : class => Is(inHowMany) ? what : null;

    private TimeSpan? Maybe(int inHowMany, TimeSpan what) => Is(inHowMany) ? what : null;

    private T? Maybe<T>(int inHowMany, Func<T> what)
        where T : class => Is(inHowMany) ? what() : null;
}
