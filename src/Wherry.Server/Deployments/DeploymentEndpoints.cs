using Wherry.Client;
using Wherry.Core.Deployments;
using Wherry.Core.Model;
using Wherry.Core.Planning;
using Wherry.Core.Problems;
using Wherry.Core.Retention;
using Wherry.Server.Access;
using Wherry.Server.Builds;
using Wherry.Server.Environments;
using Wherry.Server.Git;
using Wherry.Server.Pools;
using Wherry.Server.Receipts;
using Wherry.Server.Secrets;

namespace Wherry.Server.Deployments;

/// <summary>Deploying, and looking at what was deployed.</summary>
internal static class DeploymentEndpoints
{
    public static void AddDeployments(this IServiceCollection services) => services
        .AddSingleton<ReleaseStore>()
        .AddSingleton<DeploymentStore>()
        .AddSingleton<VariableStore>()
        .AddSingleton<BuildStore>()
        .AddSingleton<WorkPools>()
        .AddSingleton<BuildGuard>()
        .AddSingleton<BuildRunner>()
        .AddSingleton<ImageResolver>()
        .AddSingleton<EdgeClient>()
        .AddSingleton<AddressBook>()
        .AddSingleton<EngineNames>()
        .AddSingleton<ContainerSpecs>()
        .AddSingleton<NamesInUse>()
        .AddSingleton<WorldObserver>()
        .AddSingleton<SourceFetch>()
        .AddSingleton<ModelSource>()
        .AddSingleton<Preparation>()
        .AddSingleton<ComposeModels>()
        .AddSingleton<DeployPlanning>()
        .AddSingleton<PlanStore>()
        .AddSingleton<PlanSketches>()
        .AddSingleton<PlanPreview>()
        .AddSingleton<Diagnosis>()
        .AddSingleton<OneOffs>()
        .AddSingleton<ReplicaDriver>()
        .AddSingleton<SiteFiles>()
        .AddSingleton<TrafficSwitch>()
        .AddSingleton<ReceiptStore>()
        .AddSingleton<ReceiptWriter>()
        .AddSingleton<ReleasePruning>()
        .AddSingleton<DeploymentNews>()
        .AddSingleton<Completion>()
        .AddSingleton<StepRunner>()
        .AddSingleton<Journal>()
        .AddSingleton<Promotions>()
        .AddSingleton<RunObserver>()
        .AddSingleton<SteadyClock>()
        .AddSingleton<DeployWorker>()
        .AddSingleton<DeploymentIntake>()
        .AddSingleton<DeploymentControl>()
        .AddSingleton<DeploymentLanes>()
        .AddSingleton<IPushDeployments, PushDeployments>()
        .AddHostedService(s => s.GetRequiredService<DeploymentLanes>());

    public static void MapDeployments(this IEndpointRouteBuilder app)
    {
        const string At = "/api/v1/projects/{project}/environments/{environment}";
        app.MapPost($"{At}/deployments", DeployAsync).Needs(TokenScope.Deploy);
        app.MapPost($"{At}/plan", PlanAsync).Needs(TokenScope.Deploy);
        app.MapGet($"{At}/deployments", ListAsync).Needs(TokenScope.Read);
        app.MapGet("/api/v1/deployments/{id}", GetAsync).Needs(TokenScope.Read);
        app.MapPost("/api/v1/deployments/{id}/cancel", (string id, Caller caller, DeploymentControl control, CancellationToken ct) => control.CancelAsync(caller, id, ct)).Needs(TokenScope.Deploy);
        app.MapPost("/api/v1/deployments/{id}/pause", (string id, Caller caller, DeploymentControl control, CancellationToken ct) => control.PauseAsync(caller, id, true, ct)).Needs(TokenScope.Deploy);
        app.MapPost("/api/v1/deployments/{id}/resume", (string id, Caller caller, DeploymentControl control, CancellationToken ct) => control.PauseAsync(caller, id, false, ct)).Needs(TokenScope.Deploy);
        app.MapPost("/api/v1/deployments/{id}/promote", PromoteAsync).Needs(TokenScope.Deploy);
        app.MapGet($"{At}/releases", ReleasesAsync).Needs(TokenScope.Read);
        app.MapGet($"{At}/compose", ComposeAsync).Needs(TokenScope.Deploy);
        app.MapPost($"{At}/rollback", RollbackAsync).Needs(TokenScope.Deploy);
    }

    private static async Task<Client.Deployment> DeployAsync(string project, string environment, DeployRequest body, Caller caller, EnvironmentStore environments, DeploymentIntake intake, CancellationToken ct) =>
        await intake.QueueAsync(await environments.GetAsync(caller.Team, project, environment, ct), caller, new DeployIntent { Kind = DeploymentKind.Deploy, Request = Checked(body) }, ct);

    private static async Task<DeployPlan> PlanAsync(string project, string environment, DeployRequest body, Caller caller, EnvironmentStore environments, PlanPreview preview, CancellationToken ct) =>
        await preview.MakeAsync(await environments.GetAsync(caller.Team, project, environment, ct), Checked(body), ct);

    private static async Task<IReadOnlyList<Client.Deployment>> ListAsync(string project, string environment, Caller caller, EnvironmentStore environments, DeploymentStore store, CancellationToken ct) =>
        [.. (await store.ListAsync(await environments.GetAsync(caller.Team, project, environment, ct), ct)).Select(d => d.ToContract([], []))];

    private static Task<Client.Deployment> GetAsync(string id, Caller caller, DeploymentIntake intake, CancellationToken ct) => intake.ShowAsync(caller.Team, id, ct);

    private static async Task<Client.Deployment> PromoteAsync(string id, bool? full, Caller caller, Promotions promotions, DeploymentIntake intake, CancellationToken ct)
    {
        await promotions.PromoteAsync(caller, id, full ?? false, ct);
        return await intake.ShowAsync(caller.Team, id, ct);
    }

    private static async Task<IReadOnlyList<Client.Release>> ReleasesAsync(string project, string environment, Caller caller, EnvironmentStore environments, ReleaseStore releases, CancellationToken ct)
    {
        var at = await environments.GetAsync(caller.Team, project, environment, ct);
        await environments.SettleAsync(at, ct);
        var current = (await environments.GetRowAsync(caller.Team, at.Project, at.Name, ct)).CurrentRelease;
        var all = new List<Client.Release>();
        foreach (var row in await releases.ListAsync(at, ct))
        {
            var images = (await releases.GetAsync(at, (int)row.Number, ct)).Model.Services.ToDictionary(s => s.Key.Value, s => s.Value.Image?.Value ?? "");
            all.Add(row.ToContract(images, row.Number == current));
        }

        return all;
    }

    private static async Task<ComposeModel> ComposeAsync(string project, string environment, Caller caller, EnvironmentStore environments, ComposeModels models, CancellationToken ct) =>
        await models.OfAsync(await environments.GetAsync(caller.Team, project, environment, ct), ct);

    private static async Task<Client.Deployment> RollbackAsync(string project, string environment, RollbackRequest body, Caller caller, EnvironmentStore environments, ReleaseStore releases, DeploymentIntake intake, CancellationToken ct)
    {
        var at = await environments.GetAsync(caller.Team, project, environment, ct);
        var (to, note) = body.Release is { } named ? (named, null) : await BeforeCurrentAsync(at, releases, environments, ct);
        await releases.GetAsync(at, to, ct);
        IReadOnlyList<string> notes = [.. note is null ? Array.Empty<string>() : [note], "pushes are kept but not deployed until `wherry unlock`; `wherry deploy` works"];
        return await intake.QueueAsync(at, caller, new DeployIntent { Kind = DeploymentKind.Rollback, Release = to, Notes = notes }, ct);
    }

    private static async Task<(int Release, string? Note)> BeforeCurrentAsync(EnvironmentRef environment, ReleaseStore releases, EnvironmentStore environments, CancellationToken ct)
    {
        await environments.SettleAsync(environment, ct);
        var current = (await environments.GetRowAsync(environment.Team, environment.Project, environment.Name, ct)).CurrentRelease ?? 0;
        var all = (await releases.ListAsync(environment, ct)).Where(r => r is { LiveAt: not null, Kept: not 0 }).Select(r => ((int)r.Number, r.StableAt is not null));
        return RollbackTarget.Choose(all, (int)current)
            ?? throw new Problem("release/none-before", $"{environment} has no release to go back to.", "`wherry releases` lists them; name one with `wherry rollback N`.").AsException();
    }

    /// <summary>Validates every name in a request at the door, before anything is queued.</summary>
    private static DeployRequest Checked(DeployRequest body)
    {
        var sources = new[] { body.Image, body.GitUrl, body.Upload }.Count(s => s is not null);
        if (sources > 1)
        {
            throw new Problem("deployment/sources", "More than one source was named.", "Give an image, a Git address or an upload, not several.").AsException();
        }

        if (body.Plan is { } plan && !PlanBasis.IsHash(plan))
        {
            throw new Problem("plan/unknown", "That is not the hash of a plan.", "`wherry plan` ends with it: 12 digits and letters.").AsException();
        }

        if (body.Port is < 1 or > 65535)
        {
            throw new Problem("route/port", $"{body.Port} is not a TCP port.", "Use 1 to 65535.").AsException();
        }

        if (body.Canary?.Share is < 0 or > 100 or double.NaN)
        {
            throw new Problem("deployment/canary-share", "A share of the visitors is from 0 to 100 percent.", "For instance `wherry deploy --canary 5`.").AsException();
        }

        _ = body.Image is { } image ? ImageReference.Parse(image) : null;
        _ = body.GitUrl is { } url ? GitUrl.Parse(url) : null;
        _ = body.GitRef is { } name ? GitRef.Parse(name) : null;
        _ = body.Path is { } path ? SourcePath.Parse(path) : null;
        _ = body.Host is { } host ? HostName.Parse(host) : null;
        return body;
    }
}
