using System.Collections.Concurrent;

namespace Wherry.Server.Tests.Deployments;

/// <summary>People who ask one host all the time: two on connections that they keep, one on a new connection each time.</summary>
internal sealed class Visitors : IAsyncDisposable
{
    private readonly CancellationTokenSource _leave = new();
    private readonly ConcurrentQueue<string> _answers = new();
    private readonly ConcurrentQueue<string> _failures = new();
    private readonly Task[] _visits;

    private Visitors(Uri address, string host, bool patient)
    {
        _visits = [VisitAsync(address, host, keep: true, patient), VisitAsync(address, host, keep: true, patient), VisitAsync(address, host, keep: false, patient)];
    }

    /// <summary>What went wrong, of all requests so far.</summary>
    public IReadOnlyCollection<string> Failures => _failures;

    /// <summary>Bodies of all good answers so far, in order.</summary>
    public IReadOnlyCollection<string> Answers => _answers;

    public static Visitors Of(LiveWherry wherry, string host) => new(wherry.Address, host, patient: wherry.OnCaddy); // a change of its configuration may end a connection: they ask again, as browsers do

    /// <summary>Lets them ask on until each of these was answered; a failure ends the wait.</summary>
    public Task SeeAsync(string answer) => LiveWherry.UntilAsync(() => Task.FromResult(!_failures.IsEmpty || _answers.Contains(answer)));

    public async Task LeaveAsync()
    {
        await _leave.CancelAsync();
        await Task.WhenAll(_visits);
    }

    public async ValueTask DisposeAsync()
    {
        await LeaveAsync();
        _leave.Dispose();
    }

    private async Task VisitAsync(Uri address, string host, bool keep, bool patient)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address };
        for (var again = false; !_leave.IsCancellationRequested;)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, "/");
                request.Headers.Host = host;
                request.Headers.ConnectionClose = !keep;
                using var response = await http.SendAsync(request);
                var body = await response.Content.ReadAsStringAsync();
                (response.IsSuccessStatusCode ? _answers : _failures).Enqueue(response.IsSuccessStatusCode ? body : $"{(int)response.StatusCode} {body}");
            }
            catch (HttpRequestException) when (patient && !again)
            {
                again = true;
                continue;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException)
            {
                _failures.Enqueue(e.ToString());
            }

            again = false;
            await Task.Delay(10);
        }
    }
}
