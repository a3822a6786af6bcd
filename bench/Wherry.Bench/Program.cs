using Wherry.Bench;
using Wherry.Bench.Edges;
using Wherry.Bench.Measurements;

var options = BenchOptions.Parse(args);
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};

if (options.OfTheEdge)
{
    return await EdgeBench.RunAsync(options, stop.Token);
}

await using var bench = await BenchHome.StartAsync(options.Repository, stop.Token);
var rows = new List<Row>();
foreach (var (name, measure) in new (string, Func<BenchHome, BenchOptions, CancellationToken, Task<IReadOnlyList<Row>>>)[]
{
    ("idle", IdleCost.MeasureAsync), // first: memory as it is after a start, not after a storm
    ("deploy", DeployLocalImage.MeasureAsync),
    ("push", PushToLive.MeasureAsync),
    ("server", ServerTimes.MeasureAsync),
    ("load", DeploysUnderLoad.MeasureAsync),
    ("recovery", Recovery.MeasureAsync),
    ("log", BuildLog.MeasureAsync),
    ("neighbour", NeighbourOfBuild.MeasureAsync),
    ("many", ManyServices.MeasureAsync),
    ("row", DeploysInARow.MeasureAsync),
})
{
    if (options.Wants(name))
    {
        Console.Error.WriteLine($"measuring: {name}");
        foreach (var row in await measure(bench, options, stop.Token))
        {
            Console.Error.WriteLine($"  {row}");
            rows.Add(row);
        }
    }
}

var file = Path.Combine(options.Repository, "docs", "benchmarks.md");
var page = await Page.WriteAsync(bench, rows, options.Keeps ? await File.ReadAllTextAsync(file, stop.Token) : "", stop.Token);
Console.WriteLine(page);
if (options.IsWhole || options.Keeps)
{
    await File.WriteAllTextAsync(file, page, stop.Token);
}

return rows.All(r => r.Holds) ? 0 : 1;
