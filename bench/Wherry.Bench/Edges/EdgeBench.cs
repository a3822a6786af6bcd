using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Wherry.Bench.Load;

namespace Wherry.Bench.Edges;

/// <summary>The edge beside Caddy, nginx and HAProxy with the same back end, taking turns; and what many routes cost it.</summary>
internal sealed class EdgeBench(BenchOptions options, string folder, CancellationToken ct) : IAsyncDisposable
{
    private const int Idle = 1000;

    private readonly int _rounds = options.Small ? 1 : 3;
    private readonly int _seconds = options.Small ? 2 : 5;
    private readonly WherryEdge _wherry = new(options.Repository, Path.Combine(folder, "wherry"));
    private readonly BackEnd _backEnd = new();
    private readonly List<EdgeRow> _rows = [];
    private IReadOnlyList<Contender> _all = [];

    public static async Task<int> RunAsync(BenchOptions options, CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("wherry-bench-");
        try
        {
            await using var bench = new EdgeBench(options, folder.FullName, ct);
            return await bench.RunAsync();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var each in _all)
        {
            await each.DisposeAsync();
        }

        await _backEnd.DisposeAsync();
    }

    private async Task<int> RunAsync()
    {
        _all = [_wherry, new Caddy(Path.Combine(folder, "caddy")), new Nginx(Path.Combine(folder, "nginx")), new HaProxy(Path.Combine(folder, "haproxy"))];
        var certificate = await Certificates.MakeAsync(folder, ct);
        await _backEnd.StartAsync(Path.Combine(folder, "back"), ct);
        foreach (var each in _all)
        {
            await each.StartAsync(_backEnd, certificate, ct);
        }

        await RequestsAsync();
        await HandshakesAsync();
        await BodiesAsync();
        await IdleConnectionsAsync();
        await RoutesAsync();

        var page = Page();
        Console.WriteLine(page);
        if (!options.Small)
        {
            await File.WriteAllTextAsync(Path.Combine(options.Repository, "docs", "benchmarks-edge.md"), page, ct);
        }

        return _rows.All(r => r.Holds) ? 0 : 1;
    }

    private async Task RequestsAsync()
    {
        foreach (var (mode, run) in new (string, Func<Contender, Task<Load>>)[]
        {
            ("HTTP/1.1", c => Generators.WrkAsync($"http://{Contender.Host}:{c.Port}/", _seconds, ct)),
            ("HTTP/1.1 over TLS 1.3", c => Generators.WrkAsync($"https://{Contender.Host}:{c.TlsPort}/", _seconds, ct)),
            ("HTTP/2 over TLS 1.3", c => Generators.H2LoadAsync($"https://{Contender.Host}:{c.TlsPort}/", c.TlsPort, _seconds, ct)),
        })
        {
            var loads = await InTurnAsync(run);
            Add(EdgeRow.Of($"{mode}, 64 connections: requests a second", Medians(loads, l => l.PerSecond), "", less: false, ("Caddy", 2), ("nginx", 0.65)));
            if (loads[0].Loads[0].P99 > 0)
            {
                Add(EdgeRow.Of($"{mode}, 64 connections: p99", Medians(loads, l => l.P99), "ms", less: true, ("Caddy", 1)));
            }

            Add(Failures($"{mode}: failed", loads));
        }
    }

    private async Task HandshakesAsync()
    {
        var loads = await InTurnAsync(c => Generators.WrkAsync($"https://{Contender.Host}:{c.TlsPort}/", _seconds, ct, close: true));
        Add(EdgeRow.Of("TLS handshakes a second (a request on each connection)", Medians(loads, l => l.PerSecond), "", less: false, ("Caddy", 0.8)));
    }

    private async Task BodiesAsync()
    {
        var before = _wherry.ResidentMb();
        var url = (Contender c, string path) => $"http://{Contender.Host}:{c.Port}/{path}";
        var small = await InTurnAsync(c => Generators.WrkAsync(url(c, "1mb"), _seconds, ct, connections: 8));
        Add(EdgeRow.Of("1 MB down, 8 connections: MB a second", Medians(small, l => l.PerSecond), "", less: false, ("Caddy", 1)));
        var script = Path.Combine(folder, "upload.lua");
        await File.WriteAllTextAsync(script, $"wrk.method = 'POST'\nwrk.body = io.open('{_backEnd.FileOf(1)}', 'rb'):read('*a')\n", ct);
        small = await InTurnAsync(c => Generators.WrkAsync(url(c, ""), _seconds, ct, connections: 8, script: script));
        Add(EdgeRow.Of("1 MB up, 8 connections: MB a second", Medians(small, l => l.PerSecond), "", less: false, ("Caddy", 1)));
        foreach (var (way, run) in new (string, Func<Contender, Task<TimeSpan>>)[]
        {
            ("down", c => Generators.CurlAsync(url(c, "100mb"), null, ct)),
            ("up", c => Generators.CurlAsync(url(c, "up"), _backEnd.FileOf(100), ct)),
        })
        {
            var times = await InTurnAsync(async c => new Load(100 / (await run(c)).TotalSeconds, 0, 0));
            Add(EdgeRow.Of($"100 MB {way} by curl, its start included: MB a second", Medians(times, l => l.PerSecond), "", less: false, ("Caddy", 1)));
        }

        var after = _wherry.ResidentMb();
        Add(new("Resident memory, before the bodies and after them", [Row.F($"{before:0} MB, {after:0} MB")], Row.F($"{after - before:0} MB more (at most 20{(after - before <= 20 ? "" : ", **missed**")})"), after - before <= 20));
    }

    private async Task IdleConnectionsAsync()
    {
        var values = new List<(string, double)>();
        foreach (var each in _all)
        {
            var before = each.ResidentMb();
            var open = new List<Socket>();
            try
            {
                for (var i = 0; i < Idle; i++)
                {
                    open.Add(await AskAsync(each.Port));
                }

                await Task.Delay(TimeSpan.FromSeconds(2), ct);
                values.Add((each.Name, (each.ResidentMb() - before) * 1024 / Idle));
            }
            finally
            {
                open.ForEach(s => s.Dispose());
            }
        }

        Add(EdgeRow.Of(Row.F($"Memory for each of {Idle} idle kept connections, after the load above"), values, "KB", less: true, ("Caddy", 1)));
    }

    private async Task<Socket> AskAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port, ct);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {Contender.Host}\r\n\r\n"), ct);
        await socket.ReceiveAsync(new byte[4096], ct);
        return socket;
    }

    private async Task RoutesAsync()
    {
        var (few, many, swaps) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < _rounds; round++)
        {
            await HostsAsync(1);
            await Generators.WrkAsync($"http://127.0.0.1:{_wherry.Port}/", 2 * _seconds, ct, host: "r5.s0.test"); // it has just been started
            few.Add((await Generators.WrkAsync($"http://127.0.0.1:{_wherry.Port}/", _seconds, ct, host: "r5.s0.test")).PerSecond);
            await HostsAsync(1000);
            many.Add((await Generators.WrkAsync($"http://127.0.0.1:{_wherry.Port}/", _seconds, ct, host: "r5.s999.test")).PerSecond);
        }

        var ratio = Median(few) / Median(many);
        Add(new("10 routes and 10,000 routes: requests a second", [Row.F($"{Median(few):#,0} and {Median(many):#,0}")], Row.F($"{ratio:0.00} times (at most 1.10{(ratio <= 1.1 ? "" : ", **missed**")})"), ratio <= 1.1));

        await DuringAsync(_ => Task.CompletedTask); // warms up
        var calm = await DuringAsync(_ => Task.CompletedTask);
        var busy = await DuringAsync(async i =>
        {
            var began = Stopwatch.GetTimestamp();
            await _wherry.ServeAsync("bench.production.s500", Hosts(500).Append($"extra{i}.test"), ct);
            swaps.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        });
        Add(new("10,000 routes: a change of one service, with its state on the disk", [Row.F($"{Median(swaps):0} ms ({swaps.Min():0} to {swaps.Max():0}, n = {swaps.Count})")], Row.F($"at most 100 ms{(Median(swaps) <= 100 ? "" : ", **missed**")}"), Median(swaps) <= 100));
        var slower = busy.At(0.99) / calm.At(0.99);
        Add(new("p99 at 2,000 requests/s during 100 such changes, and without", [Row.F($"{busy.At(0.99):0.0} ms, {calm.At(0.99):0.0} ms; {busy.Failures + calm.Failures} failed")], Row.F($"{slower:0.00} times (at most 1.50{(slower <= 1.5 ? "" : ", **missed**")})"), slower <= 1.5 && busy.Failures + calm.Failures == 0));
    }

    /// <summary>So many services of ten routes each, no more and no less.</summary>
    private async Task HostsAsync(int services)
    {
        if (services == 1)
        {
            await _wherry.RestartAsync(_backEnd, ct);
        }

        for (var i = 0; i < services; i++)
        {
            await _wherry.ServeAsync($"bench.production.s{i}", Hosts(i), ct);
        }
    }

    private static IEnumerable<string> Hosts(int service) => Enumerable.Range(0, 10).Select(r => $"r{r}.s{service}.test");

    private async Task<Lane> DuringAsync(Func<int, Task> change)
    {
        var lane = new Lane("GET", 2000, 64, () => new HttpVisitor(new(IPAddress.Loopback, _wherry.Port), "r5.s1.test", keepsConnection: true, bodyBytes: 0));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var visits = lane.RunAsync(stop.Token);
        for (var i = 0; i < 100; i++)
        {
            await Task.WhenAll(change(i), Task.Delay(50, ct));
        }

        await stop.CancelAsync();
        await visits;
        return lane;
    }

    /// <summary>Each proxy once, round after round: what slows the machine slows all.</summary>
    private async Task<IReadOnlyList<(string Name, List<Load> Loads)>> InTurnAsync(Func<Contender, Task<Load>> run)
    {
        var loads = _all.Select(c => (c.Name, Loads: new List<Load>())).ToList();
        for (var round = 0; round <= _rounds; round++)
        {
            for (var i = 0; i < _all.Count; i++)
            {
                var load = await run(_all[i]);
                if (round > 0) // the first warms up
                {
                    loads[i].Loads.Add(load);
                }
            }
        }

        return loads;
    }

    private void Add(EdgeRow row)
    {
        Console.Error.WriteLine($"  {row}");
        _rows.Add(row);
    }

    private static EdgeRow Failures(string what, IReadOnlyList<(string Name, List<Load> Loads)> loads) =>
        new(what, [.. loads.Select(l => Row.F($"{l.Loads.Sum(r => r.Failed)}"))], "", loads[0].Loads.Sum(r => r.Failed) == 0);

    private static List<(string Name, double Value)> Medians(IReadOnlyList<(string Name, List<Load> Loads)> loads, Func<Load, double> value) => [.. loads.Select(l => (l.Name, Median(l.Loads.Select(value))))];

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    private string Page() => Row.F($"""
        # Benchmarks of the edge

        Written by `bench/edge`, as it came out. {TimeProvider.System.GetUtcNow():yyyy-MM-dd HH:mm} UTC, {Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, .NET {Environment.Version}. Load generator, proxies and back end share the machine.

        | what | {string.Join(" | ", _all.Select(c => c.Name))} | Wherry's share, and its limit |
        | --- | --- | --- | --- | --- | --- |
        {string.Join('\n', _rows)}

        ## How it is measured

        - The published edge with the runtime settings of its unit, its access log, probes and counters; Debian's Caddy, nginx and HAProxy, set up to forward one host and no more (no access log). All forward to the same nginx with one worker, which answers from memory.
        - Load by wrk (HTTP/1.1) and h2load (HTTP/2). The proxies take turns, {_seconds} s each; medians of {_rounds} rounds after one that warms up. A certificate on P-256 for all.
        - Memory is resident memory (RSS) of the process and those it started; with shared pages counted for each.
        - Routes: ten routes a service, so 1,000 services, each probed once a minute: a thousand probes a second would be measured in place of a lookup. A change is a `PUT` of one service with one host more, until the edge has answered.

        """);
}
