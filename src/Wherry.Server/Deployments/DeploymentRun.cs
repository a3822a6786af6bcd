using Wherry.Core.Deployments;
using Wherry.Core.Model;
using Wherry.Core.Planning;
using Wherry.Server.Environments;
using Wherry.Server.Logs;
using Wherry.Server.Receipts;
using Wherry.Server.Sources;

namespace Wherry.Server.Deployments;

/// <summary>A deployment while a worker drives it.</summary>
internal sealed class DeploymentRun(EnvironmentRef environment, DeployIntent intent, Deployment state, DeploymentLog log, StepWatch watch) : IAsyncDisposable
{
    private readonly CancellationTokenSource _cancel = new(); // never disposed: a wish may come while the run ends

    public EnvironmentRef Environment { get; } = environment;

    public DeployIntent Intent { get; } = intent;

    public DeploymentLog Log { get; } = log;

    /// <summary>Times it and takes notes.</summary>
    public StepWatch Watch { get; } = watch;

    /// <summary>Who asked for it.</summary>
    public required string Actor { get; init; }

    public Deployment State { get; set; } = state;

    /// <summary>The source tree, from the preparation until the release is cut.</summary>
    public SourceTree? Tree { get; set; }

    /// <summary>The model as it was read, until the release is cut.</summary>
    public PreparedModel? Prepared { get; set; }

    /// <summary>The release that served when this deployment was planned.</summary>
    public Release? Current { get; set; }

    /// <summary>The release that this deployment makes current.</summary>
    public Release? Wanted { get; set; }

    /// <summary>The release that the present steps start containers of: the wanted one, or while undoing the current one.</summary>
    public Release? Target => State.Stage == Stage.Undoing ? Current : Wanted;

    /// <summary>What was observed last.</summary>
    public Observed World { get; set; } = Observed.Nothing;

    /// <summary>The gate that is waited for at the moment.</summary>
    public PresentGate? Gate { get; set; }

    /// <summary>When this process went to work on it.</summary>
    public required DateTimeOffset Began { get; init; }

    /// <summary>Services whose requests this deployment holds.</summary>
    public HashSet<ServiceName> Held { get; } = [];

    /// <summary>What people want of it, as the row has it.</summary>
    public Wishes Wishes { get; private set; } = Wishes.None;

    /// <summary>Cancelled when the deployment is: whatever takes long stops waiting.</summary>
    public CancellationToken Cancelled => _cancel.Token;

    /// <summary>Cancelled when the server stops: what makes containers stops for nothing else.</summary>
    public CancellationToken Stopping { get; init; }

    /// <summary>Since when, by service.</summary>
    public Dictionary<ServiceName, DateTimeOffset> HeldSince { get; } = [];

    /// <summary>What visitors may have noticed of this deployment, for a person.</summary>
    public List<string> Interruptions { get; } = [];

    /// <summary>Entries of the journal that could not be written yet.</summary>
    public List<StepRow> Unsaved { get; } = [];

    /// <summary>Its place among the deployments at work, from the plan to the end.</summary>
    public IDisposable? Seat { get; set; }

    /// <summary>Warnings that the log has already.</summary>
    public HashSet<string> Warned { get; } = [];

    /// <summary>A worker of an earlier process began it.</summary>
    public bool TakenUp { get; init; }

    public async ValueTask DisposeAsync()
    {
        await CloseTreeAsync();
        await CloseGateAsync();
        Watch.Dispose();
        Seat?.Dispose();
        Log.Dispose();
    }

    /// <summary>Takes in what people want of it; the worker heeds it before its next step.</summary>
    public void Hear(Wishes wishes)
    {
        Wishes = wishes;
        if (wishes.CancelledBy is not null)
        {
            _cancel.Cancel();
        }
    }

    /// <summary>Who waits for a person, or for days, keeps nobody else waiting.</summary>
    public void LeaveSeat(Step present)
    {
        if (present is Step.AwaitPromotion)
        {
            Seat?.Dispose();
            Seat = null;
        }
    }

    /// <summary>Stops judging the gate; it is opened anew, with its whole time, when somebody waits for it again.</summary>
    public async Task CloseGateAsync()
    {
        if (Gate is { } gate)
        {
            Gate = null;
            await gate.DisposeAsync();
        }
    }

    /// <summary>Lets the source tree go; its folder is deleted.</summary>
    public async Task CloseTreeAsync()
    {
        if (Tree is { } tree)
        {
            Tree = null;
            await tree.DisposeAsync();
        }
    }

    /// <summary>A service as the present steps want it; one that goes away as it was.</summary>
    public ServiceSpec? FindSpec(ServiceName service) => Target?.Model.Services.GetValueOrDefault(service) ?? Current?.Model.Services.GetValueOrDefault(service);

    /// <summary>A replica of this environment that exists.</summary>
    public ObservedReplica? Find(ServiceName service, int number) => World.Of(service).FirstOrDefault(r => r.Number == number);

    /// <summary>Those of the replicas with these numbers that exist.</summary>
    public IEnumerable<ObservedReplica> Find(ServiceName service, IEnumerable<int> numbers) => numbers.Select(n => Find(service, n)).OfType<ObservedReplica>();
}
