namespace Wherry.Edge.Proxying;

/// <summary>Finds out what stands still outside the forwarder, which looks after itself.</summary>
internal static class Silence
{
    /// <param name="work">Goes on; it is not ended here.</param>
    /// <param name="moved">Bytes that came or went so far.</param>
    /// <param name="atMost">Longest time without one more.</param>
    /// <param name="time">Its clock.</param>
    /// <param name="ct">The work sees it too, and ends by it.</param>
    /// <returns>False when nothing moved for that long.</returns>
    public static async Task<bool> EndsBeforeAsync(Task work, Func<long> moved, TimeSpan atMost, TimeProvider time, CancellationToken ct)
    {
        while (!work.IsCompleted && !ct.IsCancellationRequested)
        {
            var before = moved();
            await work.WaitAsync(atMost, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!work.IsCompleted && !ct.IsCancellationRequested && moved() == before)
            {
                return false;
            }
        }

        return true;
    }
}
