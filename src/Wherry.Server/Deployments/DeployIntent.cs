using Wherry.Client;
using Wherry.Core.Deployments;
using Wherry.Core.Reconcile;

namespace Wherry.Server.Deployments;

/// <summary>What a deployment was asked to do; kept until it ends.</summary>
internal sealed record DeployIntent
{
    public required DeploymentKind Kind { get; init; }

    public DeployRequest Request { get; init; } = new();

    /// <summary>For a push: what was pushed, for a person.</summary>
    public string? Pushed { get; init; }

    /// <summary>Release to go back to.</summary>
    public int? Release { get; init; }

    /// <summary>What whoever asked for it should know; it stands at the start of the log.</summary>
    public IReadOnlyList<string> Notes { get; set; } = []; // set, not init: the generated reader would make an absent one null

    /// <summary>Services to restart, start or stop; empty is all.</summary>
    public IReadOnlyList<string> Services { get; init; } = [];

    /// <summary>What to mend, when it heals.</summary>
    public HealOrder? Heal { get; init; }
}
