using System.Net;
using Wherry.Cli.Frame;
using Wherry.Core.Problems;

namespace Wherry.Cli.Up;

/// <summary>Asks an example through the edge, as a browser would.</summary>
internal sealed class ExampleAnswer(Call call, Setup setup)
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(200);

    /// <returns>Its address.</returns>
    /// <exception cref="ProblemException"><c>up/no-answer</c>.</exception>
    public async Task<string> CheckAsync(string project, string environment, CancellationToken ct)
    {
        var services = await call.Client.ServicesAsync(project, environment, ct);
        var address = services.SelectMany(s => s.Routes).FirstOrDefault()
            ?? throw new Problem("up/no-answer", $"{project} has no address.", "See `wherry status`.").AsException();
        var host = new Uri(address.Contains("://", StringComparison.Ordinal) ? address : $"http://{address}").Host;
        var secure = address.StartsWith("https://", StringComparison.Ordinal);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
        var start = call.World.Time.GetTimestamp();
        string said;
        do
        {
            said = await AskAsync(http, host, ct);
            if (said == "200" || (secure && said == "301"))
            {
                return secure ? address : setup.Port == 80 ? $"http://{host}" : $"http://{host}:{setup.Port}";
            }

            await Task.Delay(Every, call.World.Time, ct);
        }
        while (call.World.Time.GetElapsedTime(start) < Within);
        throw new Problem("up/no-answer", $"{host} does not answer 200 on port {setup.Port}: {said}.", $"See `wherry status -p {project}` and `wherry logs -p {project}`.").AsException();
    }

    private async Task<string> AskAsync(HttpClient http, string host, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://127.0.0.1:{setup.Port}/"));
        request.Headers.Host = setup.Port == 80 ? host : $"{host}:{setup.Port}";
        try
        {
            using var response = await http.SendAsync(request, ct);
            return response.StatusCode is HttpStatusCode.OK ? "200" : $"{(int)response.StatusCode}";
        }
        catch (HttpRequestException e)
        {
            return e.Message;
        }
    }
}
