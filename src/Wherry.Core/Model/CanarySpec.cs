using System.Globalization;

namespace Wherry.Core.Model;

/// <summary><c>x-wherry.canary</c>: how a new release gets its visitors, a share at a time.</summary>
public sealed record CanarySpec
{
    /// <summary>In their order; behind the last the new release gets everything.</summary>
    public IReadOnlyList<CanaryStage> Stages { get; set; } = [];

    /// <summary>Cookie that tells visitors apart. Default: one that the edge sets.</summary>
    public string? Cookie { get; set; }

    /// <summary>Header that tells visitors apart, instead of a cookie.</summary>
    public string? Header { get; set; }

    /// <summary>Values of that cookie or header which get the new release from the first stage on.</summary>
    public IReadOnlyList<string> Allow { get; set; } = [];

    /// <summary>What ends the trial by itself. Default: nothing but what the gate asks for.</summary>
    public CanaryGuard? Guard { get; set; }

    /// <summary>What is copied in a stage that mirrors.</summary>
    public CanaryMirror Mirror { get; set; } = new();
}

/// <summary>A part of the visitors for a time.</summary>
/// <param name="Share">Percent; 0 for those alone who are named.</param>
/// <param name="For">Until the next stage; <see langword="null"/>: until somebody promotes it.</param>
/// <param name="Mirrored">The new release gets copies of their requests and answers nobody.</param>
public sealed record CanaryStage(double Share, TimeSpan? For = null, bool Mirrored = false)
{
    /// <summary><c>5 % of the visitors</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(Mirrored ? "copies for " : "")}{Share:0.##} % of the visitors");
}

/// <summary>What a new release may show while it has a share; one that is worse is taken away. A share of failures or a time counts only while the old release is better.</summary>
public sealed record CanaryGuard
{
    /// <summary>Most requests in percent that it answers 5xx.</summary>
    public double? Errors { get; set; }

    /// <summary>Longest time of the fastest 95 % of its requests.</summary>
    public TimeSpan? P95 { get; set; }

    /// <summary>Most restarts of one of its replicas. Default: the first one fails it as anywhere else.</summary>
    public int? Restarts { get; set; }

    /// <summary>So many requests must have come in a stage before failures and times are judged. Default 20.</summary>
    public int Requests { get; set; } = 20;
}

/// <summary>What is copied in a stage that mirrors.</summary>
public sealed record CanaryMirror
{
    /// <summary>Larger bodies are not copied. Default 64 KiB.</summary>
    public ByteSize? MaxBody { get; set; }

    /// <summary>Methods that are copied. Default: GET and HEAD.</summary>
    public IReadOnlyList<string> Methods { get; set; } = ["GET", "HEAD"];
}
