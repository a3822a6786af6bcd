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
    public static async IAsyncEnumerable<LogLine> LinesAsync(Func<LogQuery, IAsyncEnumerable<LogLine>> open, LogQuery query, TimeProvider time, [EnumeratorCancellation] CancellationToken ct)
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
                catch (Exception e) when (IsLostConnection(e) && query.Follow && opened && time.GetElapsedTime(lost) < ReconnectFor)
                {
                    break;
                }

                opened = true;
                lost = time.GetTimestamp();
                query = query with { From = lines.Current.Offset };
                yield return lines.Current;
            }

            await Task.Delay(ReconnectEvery, time, ct);
        }
    }

    private static bool IsLostConnection(Exception e) => e is ApiException { Status: 0 } or IOException or HttpRequestException;
}
