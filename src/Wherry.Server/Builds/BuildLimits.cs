using System.Globalization;
using Wherry.Core.Model;

namespace Wherry.Server.Builds;

/// <summary>What all builds together may take of the machine, so that what serves stays fast.</summary>
public sealed record BuildLimits
{
    /// <summary>Processors, of all builds together. Default: all but one, or all but a quarter where that is less. <see cref="double.PositiveInfinity"/> is no limit.</summary>
    public double? Cpus { get; init; }

    /// <summary>Memory, of all builds together. Default: half of the machine's. <see cref="long.MaxValue"/> bytes is no limit.</summary>
    public ByteSize? Memory { get; init; }

    /// <summary>Longest time of one build. Default 30 min.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Builds that run at once. Default 2.</summary>
    public int AtOnce { get; init; } = 2;

    /// <summary>Control group of the engine's builds. Default <c>docker/buildkit</c>: another one for an engine with a <c>cgroup-parent</c> of its own.</summary>
    public string ControlGroup { get; init; } = "/docker/buildkit";

    /// <summary>Against 1024 of every container: who serves goes first when both want the processor.</summary>
    public const int Shares = 128;

    /// <summary>Processors for this machine; <see langword="null"/> is no limit.</summary>
    public double? CpusOf(int all) => (Cpus ?? all - Math.Min(1, all * 0.25)) is var cpus && double.IsFinite(cpus) ? cpus : null;

    /// <summary>Memory on this machine; <see langword="null"/> is no limit.</summary>
    public ByteSize? MemoryOf(ByteSize all) => (Memory ?? ByteSize.Of(all.Bytes / 2)) is { Bytes: < long.MaxValue } memory ? memory : null;

    /// <summary>One line for a person.</summary>
    internal static string Describe(double? cpus, ByteSize? memory) => string.Create(CultureInfo.InvariantCulture, $"{(cpus is { } c ? $"{c:0.##}" : "all")} processors and {(memory is { } m ? m.ToString() : "all")} memory");
}
