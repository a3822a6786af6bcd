using System.Text.Json.Serialization;

namespace Wherry.Client;

/// <summary>Asks for a deployment. At most one of the sources is given; none deploys the environment's last source again.</summary>
public sealed record DeployRequest
{
    /// <summary>Image to run as a one-service project.</summary>
    public string? Image { get; init; }

    /// <summary>Address of a remote Git repository.</summary>
    public string? GitUrl { get; init; }

    /// <summary>Branch, tag or commit; default: the remote's default branch. Also for the project's own repository.</summary>
    public string? GitRef { get; init; }

    /// <summary>Folder inside the repository that holds the Compose file or Dockerfile. Default: its root.</summary>
    public string? Path { get; init; }

    /// <summary>Id that an upload was answered with.</summary>
    public string? Upload { get; init; }

    /// <summary>Host of the route of a project without a Compose file. Default: <c>project.localhost</c>.</summary>
    public string? Host { get; init; }

    /// <summary>Port of the service of a project without a Compose file. Default: what the image exposes.</summary>
    public int? Port { get; init; }

    /// <summary>Profiles of the Compose file to activate.</summary>
    public IReadOnlyList<string> Profiles { get; set; } = []; // set, not init: the generated reader would make an absent one null

    /// <summary>Compose files to merge, in this order, from the source's root. Default: those that the variable <c>COMPOSE_FILE</c> names, else the one at the root with its override file.</summary>
    public IReadOnlyList<string> ComposeFiles { get; set; } = [];

    /// <summary>Build again even if this tree was built before.</summary>
    public bool Rebuild { get; init; }

    /// <summary>Pull images even if they are on the server. Default: only what is missing.</summary>
    public bool Pull { get; init; }

    /// <summary>Remove services that are no longer in the model. Default: they are only reported.</summary>
    public bool RemoveOrphans { get; init; }

    /// <summary>Shown in the release history.</summary>
    public string? Message { get; init; }

    /// <summary>Hash of a plan: deploys only while everything that it was made of is as it was.</summary>
    public string? Plan { get; init; }

    /// <summary>Try the new release on some visitors first. Default: as each service says.</summary>
    public CanaryRequest? Canary { get; init; }
}

/// <param name="Share">Percent of the visitors until somebody promotes it. Default: the stages that each service names, else 10.</param>
public sealed record CanaryRequest(double? Share = null);

/// <summary>How far a deployment is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DeploymentStage>))]
public enum DeploymentStage
{
    Queued,
    Preparing,
    Building,
    Starting,
    Switched,

    /// <summary>It failed, and the release before it is being put back.</summary>
    Undoing,
    Finished,
}

/// <summary>How a deployment ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DeploymentOutcome>))]
public enum DeploymentOutcome
{
    Succeeded,
    Failed,
    Superseded,

    /// <summary>Somebody ended it before it was done; what served before serves.</summary>
    Cancelled,
}

/// <summary>The work of making a release current.</summary>
/// <param name="Release">Number of the release; <see langword="null"/> until it is cut.</param>
/// <param name="Kind"><c>deploy</c>, <c>rollback</c>, <c>scale</c>, <c>restart</c>, <c>start</c>, <c>stop</c>, <c>env</c> or <c>heal</c>.</param>
/// <param name="Outcome"><see langword="null"/> while it runs.</param>
/// <param name="Problem">Why it failed.</param>
/// <param name="Steps">What it does, in order; empty until it is planned.</param>
/// <param name="Addresses">Where its routes answer, once it succeeded.</param>
public sealed record Deployment(
    string Id,
    string Project,
    string Environment,
    string Kind,
    int? Release,
    DeploymentStage Stage,
    DeploymentOutcome? Outcome,
    ApiProblem? Problem,
    DateTimeOffset QueuedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? FinishedAt,
    IReadOnlyList<DeploymentStep> Steps,
    IReadOnlyList<string> Addresses)
{
    /// <summary>Who asked for it: name of a token, or <c>socket:UID</c>.</summary>
    public string? Actor { get; init; }

    /// <summary>What it cost and what became of everything; <see langword="null"/> until it ended, and in lists.</summary>
    public Receipt? Receipt { get; init; }

    /// <summary>Who wants it to end before it is done, or ended it.</summary>
    public string? CancelledBy { get; init; }

    /// <summary>Who paused it: it places nothing more until it is resumed.</summary>
    public string? PausedBy { get; init; }

    /// <summary>The trial that it waits for at the moment.</summary>
    public CanaryState? Canary { get; init; }

    /// <summary>What whoever asked for it should know.</summary>
    public IReadOnlyList<string> Notes { get; set; } = []; // set, not init: the generated reader would make an absent one null
}

/// <summary>A new release that some of the visitors have.</summary>
/// <param name="Share">Percent of the visitors.</param>
/// <param name="Mirrored">It gets copies of their requests and answers nobody.</param>
/// <param name="Stage">From 1.</param>
/// <param name="Until">When the next stage begins; <see langword="null"/>: when it is promoted.</param>
public sealed record CanaryState(string Service, double Share, bool Mirrored, int Stage, int Stages, DateTimeOffset? Until);

/// <summary>One step of a deployment.</summary>
/// <param name="State"><c>planned</c>, <c>running</c>, <c>done</c>, <c>skipped</c> or <c>failed</c>.</param>
public sealed record DeploymentStep(string Text, string State, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt);

/// <summary>What a deployment would do.</summary>
/// <param name="Hash">Changes when the source, the model, the current release, an option or what runs changes.</param>
/// <param name="Steps">Empty when nothing would change.</param>
/// <param name="Services">What happens to each service and why.</param>
/// <param name="Orphans">Services that run but are not in the model.</param>
public sealed record DeployPlan(string Hash, IReadOnlyList<string> Steps, IReadOnlyList<ServiceChange> Services, IReadOnlyList<string> Orphans, IReadOnlyList<string> Warnings)
{
    /// <summary>What the server cannot give: a deployment would be refused for each of them, before anything is touched.</summary>
    public IReadOnlyList<ApiProblem> Refusals { get; set; } = [];
}

/// <param name="Change"><c>none</c>, <c>add</c>, <c>replace</c>, <c>scale</c>, <c>reroute</c> or <c>remove</c>.</param>
/// <param name="Why">For a replacement: which settings differ.</param>
/// <param name="InPlace">No container that serves is exchanged: only routes, health, drain or the number of replicas change.</param>
public sealed record ServiceChange(string Service, string Change, string Why, bool InPlace = true);

/// <summary>An immutable snapshot of an environment's resolved model.</summary>
/// <param name="Images">Image id per service.</param>
/// <param name="Source">Where it came from, for a person: <c>push 1a2b3c4 on main</c>, <c>image nginx:1.27</c>.</param>
/// <param name="Kept">Its images are still there: it can be rolled back to.</param>
public sealed record Release(int Number, DateTimeOffset CreatedAt, string Source, string? Message, IReadOnlyDictionary<string, string> Images, bool Current, bool Kept)
{
    /// <summary>When it had served for 10 minutes; <see langword="null"/>: it never did. A rollback goes to the last one that is stable.</summary>
    public DateTimeOffset? StableAt { get; init; }
}

/// <summary>An environment's model as a Compose file: what the next deployment of the same source would run. No secret's value is in it.</summary>
/// <param name="Release">The release that serves.</param>
/// <param name="Compose">The file's text.</param>
/// <param name="Files">Files that it names, by their path beside it.</param>
/// <param name="Secrets">Variables that it names in the place of secrets.</param>
public sealed record ComposeModel(int Release, string Compose, IReadOnlyDictionary<string, byte[]> Files, IReadOnlyList<string> Secrets);

/// <param name="Release">Default: the last stable one before the current.</param>
public sealed record RollbackRequest(int? Release = null);

/// <summary>Answer of an upload.</summary>
public sealed record Upload(string Id, long Bytes);
