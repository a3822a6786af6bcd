namespace Wherry.Bench;

/// <summary>What of the measurements runs.</summary>
/// <param name="Runs">Of each side of a comparison.</param>
/// <param name="Deploys">In a row under load.</param>
/// <param name="Small">Small sizes: whether the measurements work, not what they measure.</param>
/// <param name="Keeps">What is measured goes into the page that there is.</param>
/// <param name="OfTheEdge">The edge beside other proxies, instead of Wherry beside work by hand.</param>
/// <param name="Only">Names of measurements; empty: all.</param>
/// <param name="Settle">Time before idle cost is read.</param>
internal sealed record BenchOptions(string Repository, int Runs, int Deploys, IReadOnlyList<string> Only, TimeSpan Settle, bool Small = false, bool Keeps = false, bool OfTheEdge = false)
{
    /// <summary>Only a run of everything is worth keeping.</summary>
    public bool IsWhole => Only.Count == 0 && Runs >= 10;

    public bool Wants(string name) => Only.Count == 0 || Only.Contains(name);

    public static BenchOptions Parse(string[] args)
    {
        var options = new BenchOptions(args[0], 11, 50, [], TimeSpan.FromSeconds(60));
        for (var i = 1; i < args.Length; i++)
        {
            options = args[i] switch
            {
                "--quick" => options with { Runs = 3, Deploys = 3, Settle = TimeSpan.FromSeconds(15), Small = true },
                "--deploys" => options with { Deploys = int.Parse(args[++i], null) },
                "--edge" => options with { OfTheEdge = true },
                "--keep" => options with { Keeps = true },
                "--only" => options with { Only = args[++i].Split(',') },
                _ => throw new ArgumentException($"bench/run knows no {args[i]}"),
            };
        }

        return options;
    }
}
