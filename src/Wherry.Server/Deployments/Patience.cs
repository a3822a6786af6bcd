using Wherry.Core.Problems;

namespace Wherry.Server.Deployments;

/// <summary>Engine and edge may be exchanged or restarted at any time: who only asks, asks again.</summary>
internal static class Patience
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);

    /// <summary>Asks again while engine or edge do not answer.</summary>
    /// <param name="ask">May be asked any number of times.</param>
    /// <param name="within">From the first time; an outage that lasts longer is told.</param>
    /// <param name="time">Its clock.</param>
    /// <param name="ct">Stops asking.</param>
    /// <exception cref="ProblemException">What the last answer was.</exception>
    public static async Task<T> AskAsync<T>(Func<Task<T>> ask, TimeSpan within, TimeProvider time, CancellationToken ct)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (ProblemException e) when (e.Problem.Code is "docker/unreachable" or "edge/unreachable" && time.GetElapsedTime(start) + Every < within)
            {
                await Task.Delay(Every, time, ct);
            }
        }
    }

    /// <inheritdoc cref="AskAsync{T}"/>
    public static Task AskAsync(Func<Task> ask, TimeSpan within, TimeProvider time, CancellationToken ct) => AskAsync(
        async () =>
        {
            await ask();
            return true;
        },
        within, time, ct);
}
