namespace Wherry.Edge.Tests.Rig;

/// <summary>Asks without a pause, from the moment it is made until it is stopped, and remembers every answer.</summary>
public sealed class Visitor : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<string> _answers = [];
    private readonly Task _asking;

    /// <param name="http">Its connections.</param>
    /// <param name="url">What it asks for.</param>
    /// <param name="patient">Asks a second time when a connection ends without an answer, as a browser does.</param>
    public Visitor(HttpClient http, string url, bool patient = false) => _asking = AskAsync(http, new Uri(url), patient);

    public int Count
    {
        get
        {
            lock (_answers)
            {
                return _answers.Count;
            }
        }
    }

    /// <summary>All answers so far: the body of a 200, else the status or the exception.</summary>
    public async Task<IReadOnlyList<string>> StopAsync()
    {
        await _stop.CancelAsync();
        await _asking;
        return _answers;
    }

    /// <summary>Waits for some more answers.</summary>
    public async Task MoreAsync(int answers = 20)
    {
        var until = Count + answers;
        await Eventually.TrueAsync(() => Count >= until);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task AskAsync(HttpClient http, Uri url, bool patient)
    {
        await Task.Yield();
        for (var again = false; !_stop.IsCancellationRequested;)
        {
            string answer;
            try
            {
                using var response = await http.GetAsync(url, CancellationToken.None);
                answer = response.IsSuccessStatusCode ? await response.Content.ReadAsStringAsync(CancellationToken.None) : $"{(int)response.StatusCode}";
            }
            catch (HttpRequestException) when (patient && !again)
            {
                again = true;
                continue;
            }
            catch (HttpRequestException e)
            {
                answer = e.Message;
            }

            again = false;

            lock (_answers)
            {
                _answers.Add(answer);
            }
        }
    }
}
