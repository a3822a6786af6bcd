using Wherry.Core.Problems;
using Wherry.Server.Deployments;

namespace Wherry.Server.Reconcile;

/// <summary>Looks when the engine tells of something, when something becomes due, and every 30 s.</summary>
internal sealed partial class ReconcileWorker(ReconcilePass pass, EngineWatch watch, SteadyClock clock, ILogger<ReconcileWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    /// <summary>Events come in bursts: one look is for all of them.</summary>
    private static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(300);

    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var wait = Period;
            try
            {
                var next = await pass.RunAsync(clock.GetUtcNow(), stoppingToken);
                wait = next - clock.GetUtcNow() is { } until && until < Period ? until : Period;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (ProblemException e)
            {
                LogWaiting(e.Problem.Message);
                wait = AfterFailure;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // One environment that cannot be read must not end the looking after all others.
                LogBroken(e);
            }

            await WaitAsync(wait, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WaitAsync(TimeSpan atMost, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(atMost > Burst ? atMost : Burst);
        try
        {
            await watch.Wakes.ReadAsync(limit.Token);
            await Task.Delay(Burst, clock, ct);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // Nothing happened; it is time to look.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What runs is not looked at for the moment: {Why}")]
    private partial void LogWaiting(string why);

    [LoggerMessage(Level = LogLevel.Error, Message = "A look at what runs broke off")]
    private partial void LogBroken(Exception exception);
}
