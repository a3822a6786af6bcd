using Wherry.Client;
using Wherry.Core.Deployments;
using Wherry.Core.Model;
using Wherry.Core.Planning;
using Wherry.Server.Builds;
using Wherry.Server.Deployments;
using Wherry.Server.Environments;
using Wherry.Server.Events;
using Wherry.Server.Projects;
using Wherry.Server.Secrets;
using Wherry.Server.Store;
using Wherry.Server.Tokens;
using Deployment = Wherry.Core.Deployments.Deployment;

namespace Wherry.Server.Tests.Store;

/// <summary>All stores over one database, with a project <c>shop</c> in it.</summary>
internal sealed class FilledStore(Database database, Sealer sealer, TimeProvider clock)
{
    public DeploymentStore Deployments { get; } = new(database, sealer, clock);

    public ReleaseStore Releases { get; } = new(database, sealer, clock);

    public EnvironmentStore Environments { get; } = new(database, clock);

    public ProjectStore Projects { get; } = new(database, clock);

    public VariableStore Variables { get; } = new(database, sealer, clock);

    public BuildStore Builds { get; } = new(database, clock);

    public TokenStore Tokens { get; } = new(database, clock);

    public EventLog Events { get; } = new(database, clock, Microsoft.Extensions.Logging.Abstractions.NullLogger<EventLog>.Instance);

    public EnvironmentRef Shop { get; private set; } = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<FilledStore> OfAsync(Database database, string keys, TimeProvider clock)
    {
        Directory.CreateDirectory(keys);
        var filled = new FilledStore(database, Sealer.Open(keys), clock);
        await filled.Projects.CreateAsync(TeamId.Default, ProjectName.Parse("shop"), Ct);
        filled.Shop = await filled.Environments.GetAsync(TeamId.Default, "shop", "production", Ct);
        return filled;
    }

    /// <summary>A row or two in every table.</summary>
    public async Task FillAsync()
    {
        await Variables.ChangeAsync(Shop, "", new Dictionary<VariableName, string> { [VariableName.Parse("PASSWORD")] = "geheim ü 🚢" }, [], secret: true, Ct);
        await Releases.CutAsync(Shop, new ProjectModel { Services = new Dictionary<ServiceName, ServiceSpec>() }, new ModelInput { Image = "x" }, "image x", "says 'ü' and \"🚢\"", Ct);
        await Environments.SetCurrentAsync(Shop, 1, Ct);
        await Environments.SetScaleAsync(Shop, new Dictionary<ServiceName, int> { [ServiceName.Parse("web")] = 3 }, Ct);
        await Builds.SaveAsync(Shop, "key", ImageReference.Parse("busybox:latest"), Ct);
        await Tokens.CreateAsync(TeamId.Default, new CreateToken("ci", TokenScope.Deploy, null), Ct);
        await Events.RecordAsync(Shop, Actors.Wherry, "replica/replaced", "web-1", null, "", Ct);
        var id = await QueueAsync();
        await Deployments.SaveAsync(TeamId.Default, new Deployment { Id = id, Kind = DeploymentKind.Deploy, Stage = Stage.Starting, Plan = Plan.Empty }, 1, new StepRow(0, "running", 1, null), Ct);
    }

    public async Task<string> QueueAsync(DeploymentKind kind = DeploymentKind.Restart)
    {
        var id = Deployments.NextId();
        await Deployments.EnqueueAsync(Shop, id, "socket:0", new DeployIntent { Kind = kind }, Ct);
        return id;
    }
}
