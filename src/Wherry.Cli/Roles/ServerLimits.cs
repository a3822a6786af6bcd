using System.CommandLine;
using System.Globalization;
using Wherry.Cli.Frame;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Server;

namespace Wherry.Cli.Roles;

/// <summary>Options of <c>wherry server</c> that bound what builds and disks take. Each has a variable of the same name, since <c>wherry up</c> starts the server: <c>WHERRY_BUILD_CPUS</c>.</summary>
internal sealed class ServerLimits
{
    private const string None = "none";

    private readonly Option<string?> _cpus = new("--build-cpus") { Description = "Processors for all builds together (default: all but one, or all but a quarter; `none`: no limit)", HelpName = "COUNT" };
    private readonly Option<string?> _memory = new("--build-memory") { Description = "Memory for all builds together (default: half of the machine's; `none`: no limit)", HelpName = "SIZE" };
    private readonly Option<string?> _timeout = new("--build-timeout") { Description = "Longest time of one build (default 30m)", HelpName = "TIME" };
    private readonly Option<string?> _atOnce = new("--builds") { Description = "Builds that run at once (default 2)", HelpName = "COUNT" };
    private readonly Option<string?> _group = new("--build-cgroup") { Description = "Control group of the engine's builds (default docker/buildkit)", HelpName = "PATH" };
    private readonly Option<string?> _budget = new("--disk-budget") { Description = "Percent of a disk that may be used before it is reported and cleaned (default 80)", HelpName = "PERCENT" };
    private readonly Option<string?> _cache = new("--build-cache-max") { Description = "Cut the engine's build cache to this size, whosever it is (default: leave it alone)", HelpName = "SIZE" };

    public void AddTo(Command verb)
    {
        foreach (var option in new[] { _cpus, _memory, _timeout, _atOnce, _group, _budget, _cache })
        {
            verb.Add(option);
        }
    }

    /// <exception cref="ProblemException"><c>cli/limit</c>, <c>size/format</c>.</exception>
    public ServerOptions Apply(Call call, ServerOptions options)
    {
        var builds = options.BuildLimits;
        builds = Given(call, _cpus) is { } cpus ? builds with { Cpus = cpus == None ? double.PositiveInfinity : Number(cpus, _cpus, 0.05, 4096) } : builds;
        builds = Given(call, _memory) is { } memory ? builds with { Memory = memory == None ? ByteSize.Of(long.MaxValue) : ByteSize.Parse(memory) } : builds;
        builds = Given(call, _timeout) is { } timeout ? builds with { Timeout = Durations.Parse(timeout) ?? throw Wrong(_timeout, timeout) } : builds;
        builds = Given(call, _atOnce) is { } atOnce ? builds with { AtOnce = (int)Number(atOnce, _atOnce, 1, 64) } : builds;
        builds = Given(call, _group) is { } group ? builds with { ControlGroup = Group(group) } : builds;
        var disk = options.Disk;
        disk = Given(call, _budget) is { } budget ? disk with { BudgetPercent = (int)Number(budget, _budget, 1, 100) } : disk;
        disk = Given(call, _cache) is { } cache ? disk with { BuildCacheMax = ByteSize.Parse(cache) } : disk;
        return options with { BuildLimits = builds, Disk = disk };
    }

    private static string? Given(Call call, Option<string?> option) =>
        call.Get(option) ?? call.World.Variable($"WHERRY_{option.Name.TrimStart('-').Replace('-', '_').ToUpperInvariant()}");

    private static double Number(string text, Option<string?> option, double least, double most) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number : throw Wrong(option, text);

    /// <summary>A path below the groups, that leads nowhere else.</summary>
    private static string Group(string text) =>
        text.Trim('/').Split('/') is var parts && parts.All(p => p is not ("" or "." or "..")) ? string.Join('/', parts) : throw Wrong(new Option<string?>("--build-cgroup"), text);

    private static ProblemException Wrong(Option<string?> option, string text) =>
        new Problem("cli/limit", $"{Problem.Quoted(text)} cannot be the value of {option.Name}.", "See `wherry server --help` for what it takes.").AsException();
}
