using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Core.Routing;
using HostName = Wherry.Core.Model.HostName;

namespace Wherry.Core.Tests.Routing;

public sealed class RouteTableProperties
{
    private static readonly string?[] Hosts = ["a.test", "b.test", "x.a.test", "*.test", "*.a.test", null];
    private static readonly string[] Paths = ["/", "/p", "/p/q", "/p/q/r", "/pq", "/q"];
    private static readonly string[] AskedHosts = ["a.test", "b.test:80", "x.a.test", "y.a.test", "c.test", "y.x.a.test", "elsewhere"];
    private static readonly string[] AskedPaths = ["/", "/p", "/p/", "/p/q", "/p/q/r/s", "/pq", "/pqr", "/q/p", "/nothing"];

    /// <summary>One change: a service takes these routes, perhaps over from others, or (none) goes.</summary>
    private sealed record Change(string Key, IReadOnlyList<Route> Routes, IReadOnlyList<string> From);

    [Fact]
    public void After_any_changes_every_lookup_equals_a_plain_search_through_all_routes() =>
        Prop.ForAll(Changes().ToArbitrary(), changes =>
        {
            var table = RouteTable.Empty;
            var plain = new Dictionary<string, IReadOnlyList<Route>>();
            foreach (var change in changes)
            {
                table = Apply(table, plain, change);
            }

            foreach (var host in AskedHosts)
            {
                foreach (var path in AskedPaths)
                {
                    Assert.Equal(Search(plain, host.Split(':')[0], path), table.Find(host, path));
                }
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Ten_thousand_hosts_are_looked_up_and_exchanged_in_no_time()
    {
        var table = RouteTable.Empty;
        for (var i = 0; i < 10_000; i++)
        {
            table = table.With($"p.production.s{i}", [Route($"h{i}.test", "/"), Route($"h{i}.test", "/api")]);
        }

        var swap = Fastest(() => table.With("p.production.s5000", [Route("h5000.test", "/"), Route("new.test", "/")]));
        var lookups = Fastest(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                table.Find("h5000.test:8080", "/api/things/17");
            }
        });

        Assert.True(swap < TimeSpan.FromMilliseconds(1), $"a swap took {swap.TotalMicroseconds} µs");
        Assert.True(lookups < TimeSpan.FromMilliseconds(5), $"1000 lookups took {lookups.TotalMicroseconds} µs");
    }

    private static RouteTable Apply(RouteTable table, Dictionary<string, IReadOnlyList<Route>> plain, Change change)
    {
        if (change.Routes.Count == 0)
        {
            plain.Remove(change.Key);
            return table.Without(change.Key);
        }

        foreach (var from in change.From.Where(plain.ContainsKey))
        {
            plain[from] = [.. plain[from].Where(t => !change.Routes.Any(r => t.Host == r.Host && t.Path == r.Path))];
        }

        table = table.Yielding(change.Routes, change.From);
        var taken = plain.Where(p => p.Key != change.Key).SelectMany(p => p.Value);
        if (change.Routes.Any(r => taken.Any(t => t.Host == r.Host && t.Path == r.Path)))
        {
            Assert.Throws<ProblemException>(() => table.With(change.Key, change.Routes));
            return table;
        }

        plain[change.Key] = change.Routes;
        return table.With(change.Key, change.Routes);
    }

    /// <summary>The reference: no cleverness, no index.</summary>
    private static RouteMatch? Search(Dictionary<string, IReadOnlyList<Route>> plain, string host, string path) => plain
        .SelectMany(p => p.Value.Select(r => new RouteMatch(p.Key, r)))
        .Where(m => HostRank(m.Route.Host, host) > 0 && Covers(m.Route.Path.Value, path))
        .OrderByDescending(m => HostRank(m.Route.Host, host))
        .ThenByDescending(m => m.Route.Path.Value.Length)
        .FirstOrDefault();

    private static int HostRank(HostName? route, string host) => route switch
    {
        null => 1,
        { IsWildcard: true } => host.Contains('.', StringComparison.Ordinal) && host[(host.IndexOf('.', StringComparison.Ordinal) + 1)..] == route.Value[2..] ? 2 : 0,
        _ => route.Value == host ? 3 : 0,
    };

    private static bool Covers(string prefix, string path) => prefix == "/" || path == prefix || path.StartsWith(prefix + "/", StringComparison.Ordinal);

    private static Gen<Change[]> Changes() => Gen.ArrayOf(
        from key in Gen.Elements("s1", "s2", "s3", "s4")
        from routes in Gen.ArrayOf(
            from host in Gen.Elements(Hosts)
            from path in Gen.Elements(Paths)
            select Route(host, path))
        from others in Gen.SubListOf("s1", "s2", "s3", "s4")
        select new Change(key, [.. routes.DistinctBy(r => (r.Host, r.Path)).Take(4)], [.. others.Where(o => o != key)]));

    private static TimeSpan Fastest(Action act) => Enumerable.Range(0, 50).Min(_ =>
    {
        var start = Stopwatch.GetTimestamp();
        act();
        return Stopwatch.GetElapsedTime(start);
    });

    private static Route Route(string? host, string path) => new(host is null ? null : HostName.Parse(host), PathPrefix.Parse(path), 80);
}
