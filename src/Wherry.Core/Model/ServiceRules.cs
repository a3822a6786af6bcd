namespace Wherry.Core.Model;

/// <summary>What the edge does for a service as a whole: keys of <c>x-wherry</c> beside <c>routes</c>.</summary>
public sealed record ServiceRules
{
    /// <summary><c>x-wherry.error_pages</c>: HTML for the edge's own answers, by status (<c>503</c>) or class (<c>5xx</c>), with <c>{{message}}</c>, <c>{{status}}</c>, <c>{{title}}</c> and <c>{{request}}</c>. Default: the edge's pages.</summary>
    public IReadOnlyDictionary<string, string>? ErrorPages { get; set; }

    /// <summary><c>x-wherry.balance</c>: which replica gets the next request. Default: they take turns.</summary>
    public Balance Balance { get; set; }

    /// <summary><c>x-wherry.readers</c>: some replicas take what changes something, the others what reads. Default: all take everything.</summary>
    public ReadersRule? Readers { get; set; }

    /// <summary><c>x-wherry.quiet</c>: requests that leave no trace in metrics or access log. Default: all do.</summary>
    public QuietRule? Quiet { get; set; }

    /// <summary><c>x-wherry.outliers</c>: a replica whose answers fail leaves the rotation for a while. Default: only failed probes and refused connections count.</summary>
    public OutlierRule? Outliers { get; set; }
}

/// <summary>Which replica gets the next request.</summary>
public enum Balance
{
    /// <summary>They take turns. The default.</summary>
    RoundRobin,

    /// <summary>The one that works on the fewest requests.</summary>
    LeastRequests,
}

/// <summary>Replicas that take writes and replicas that read: GET and HEAD go to readers, everything else to writers.</summary>
public sealed record ReadersRule
{
    /// <summary>Replicas that take writes, those with the lowest numbers; the others read. Default 1.</summary>
    public int Writers { get; set; } = 1;

    /// <summary>After a write the same visitor reads from writers for this long, so that he sees what he wrote. 0: he does not. Default 3 s.</summary>
    public TimeSpan Affinity { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>WebSockets go to readers too. Default no.</summary>
    public bool Websockets { get; set; }
}

/// <summary>Paths, exactly as visitors ask for them, whose requests are left out.</summary>
public sealed record QuietRule
{
    /// <summary>Not counted in the edge's metrics; still logged.</summary>
    public IReadOnlyList<string> Metrics { get; set; } = [];

    /// <summary>Not written to the access log; still counted.</summary>
    public IReadOnlyList<string> Log { get; set; } = [];
}

/// <summary>When a replica leaves the rotation though it passes its probes.</summary>
public sealed record OutlierRule
{
    /// <summary>So many answers in a row were 5xx, came too late or broke off. Default 5.</summary>
    public int Failures { get; set; } = 5;

    /// <summary>It is out for this long, the second time in a row for twice as long, and so on up to ten times. Default 30 s.</summary>
    public TimeSpan EjectFor { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>When fewer percent of the replicas than this are in the rotation, all get requests: then it is not one of them that is at fault. Default 50.</summary>
    public int PanicBelow { get; set; } = 50;
}
