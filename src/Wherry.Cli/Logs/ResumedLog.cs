using System.Runtime.CompilerServices;
using Wherry.Client;

namespace Wherry.Cli.Logs;

/// <summary>A log that goes on where it stopped when the server restarts in between.</summary>
internal static class ResumedLog
{
    private static readonly TimeSpan ReconnectFor = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ReconnectEvery = TimeSpan.FromMilliseconds(500);

    /// <param name="open">Opens the log at a place.</param>
    /// <exception cref="ApiException">Refused, or not reached for a minute.</exception>
    public static IAsyncEnumerable<LogLine> LinesAsync(Func<LogQuery, IAsyncEnumerable<LogLine>> open, LogQuery query, TimeProvider time, CancellationToken ct) =>
        ItemsAsync(open, query, query.Follow, (asked, line) => asked with { From = line.Offset }, time, ct);

    /// <summary>The same for anything that can be asked for from a place on.</summary>
    /// <param name="follow">Only what is followed is opened again.</param>
    /// <param name="behind">Asks for what comes behind an item.</param>
    /// <exception cref="ApiException">Refused, or not reached for a minute.</exception>
    public static async IAsyncEnumerable<T> ItemsAsync<T, TQuery>(Func<TQuery, IAsyncEnumerable<T>> open, TQuery query, bool follow, Func<TQuery, T, TQuery> behind, TimeProvider time, [EnumeratorCancellation] CancellationToken ct)
    {
        var lost = time.GetTimestamp();
        var opened = false;
        while (true)
        {
            await using var lines = open(query).GetAsyncEnumerator(ct);
            while (true)
            {
                try
                {
                    if (!await lines.MoveNextAsync())
                    {
                        yield break;
                    }
                }
                catch (Exception e) when (IsLostConnection(e) && follow && opened && time.GetElapsedTime(lost) < ReconnectFor)
                {
                    break;
                }

                opened = true;
                lost = time.GetTimestamp();
                query = behind(query, lines.Current);
                yield return lines.Current;
            }

            await Task.Delay(ReconnectEvery, time, ct);
        }
    }

    private static bool IsLostConnection(Exception e) => e is ApiException { Status: 0 } or IOException or HttpRequestException;
}
