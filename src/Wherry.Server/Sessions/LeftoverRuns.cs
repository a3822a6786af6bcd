using Wherry.Core.Problems;
using Wherry.Docker;

namespace Wherry.Server.Sessions;

/// <summary>Removes, once after the start, the containers of <c>run</c> sessions that a killed server left: nobody is connected to them any more.</summary>
internal sealed partial class LeftoverRuns(Engine engine, HomeId home, RunSessions sessions, TimeProvider time, ILogger<LeftoverRuns> logger) : BackgroundService
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await SweepAsync(stoppingToken);
                return;
            }
            catch (ProblemException e)
            {
                LogLater(e.Problem.Message);
                await Task.Delay(RetryAfter, time, stoppingToken);
            }
        }
    }

    private async Task SweepAsync(CancellationToken ct)
    {
        var left = await engine.Containers.ListAsync(new Dictionary<string, string?> { [Labels.Home] = home.Value, [Labels.OneOff] = RunSessions.Purpose }, all: true, ct);
        foreach (var container in left.Where(c => !sessions.Began(c.Labels) && !c.Labels.ContainsKey(Labels.Replica)))
        {
            LogRemoved(container.Name);
            await engine.Containers.RemoveAsync(container.Id, TimeSpan.Zero, removeAnonymousVolumes: true, ct);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Container} is removed: its session ended with the server before")]
    private partial void LogRemoved(string container);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Left-over one-off containers are looked for later: {Reason}")]
    private partial void LogLater(string reason);
}
