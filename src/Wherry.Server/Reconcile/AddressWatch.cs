using Wherry.Core.Problems;
using Wherry.Docker;
using Wherry.Server.Environments;

namespace Wherry.Server.Reconcile;

/// <summary>Keeps the edge's addresses true: a container that the engine started again (after a crash or a reboot) may have another one.</summary>
internal sealed partial class AddressWatch(Engine engine, EnvironmentStore environments, AddressAlignment alignment, TimeProvider time, ILogger<AddressWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                var since = time.GetUtcNow();
                foreach (var environment in await environments.AllAsync(stoppingToken))
                {
                    await alignment.AlignAsync(environment, stoppingToken);
                }

                await FollowAsync(since, stoppingToken);
            }
            catch (ProblemException e)
            {
                LogWaiting(e.Problem.Message);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task FollowAsync(DateTimeOffset since, CancellationToken ct)
    {
        var filter = new EventFilter { Types = ["container"], Actions = ["start"], Labels = new Dictionary<string, string?> { [Labels.Replica] = null } };
        await foreach (var started in engine.EventsAsync(since, filter, ct))
        {
            var all = await environments.AllAsync(ct);
            if (all.FirstOrDefault(e => e.Project.Value == started.Attributes.GetValueOrDefault(Labels.Project) && e.Name.Value == started.Attributes.GetValueOrDefault(Labels.Environment)) is { } environment)
            {
                await alignment.AlignAsync(environment, ct);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Addresses are not watched for the moment: {Why}")]
    private partial void LogWaiting(string why);
}
