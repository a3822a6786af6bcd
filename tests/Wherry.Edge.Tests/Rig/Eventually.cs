using System.Diagnostics;

namespace Wherry.Edge.Tests.Rig;

/// <summary>Waits for what happens in the background, for at most 10 s.</summary>
public static class Eventually
{
    public static async Task<T> GetAsync<T>(Func<T?> look)
        where T : class
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            if (look() is { } found)
            {
                return found;
            }

            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), "It did not happen within 10 s.");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    public static Task TrueAsync(Func<bool> look) => GetAsync(() => look() ? "yes" : null);

    /// <param name="look">Whether it has happened.</param>
    /// <param name="seconds">For at most so long.</param>
    public static async Task TrueAsync(Func<Task<bool>> look, int seconds = 10)
    {
        var watch = Stopwatch.StartNew();
        while (!await look())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(seconds), $"It did not happen within {seconds} s.");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
