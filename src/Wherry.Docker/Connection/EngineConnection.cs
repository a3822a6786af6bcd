using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Wherry.Core.Problems;

namespace Wherry.Docker.Connection;

/// <summary>Carries calls to one engine under the API version agreed on, and turns failures into problems.</summary>
internal sealed class EngineConnection : IDisposable
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan VersionWithin = TimeSpan.FromSeconds(10);
    private readonly Dialer _dialer;
    private readonly HttpClient _http;
    private readonly VersionAgreement _agreement;

    public EngineConnection(EngineEndpoint endpoint)
    {
        Endpoint = endpoint;
        _dialer = new(endpoint);
        _http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, ct) => new HeardOutStream(await _dialer.DialAsync(ct)),
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            // A stream that is given up must be closed at once: that is how the engine learns of it.
            ResponseDrainTimeout = TimeSpan.Zero,
            MaxResponseDrainSize = 0,
        })
        {
            BaseAddress = new Uri($"http://{HostHeader}/"),
            // Stopping, waiting, pulling and building take as long as they take; callers cancel.
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _agreement = new(endpoint, AskVersionAsync);
    }

    public EngineEndpoint Endpoint { get; }

    private string HostHeader => Endpoint.IsUnix ? "docker" : $"{Endpoint.Address.Host}:{Endpoint.Port}";

    public Task<Agreed> NegotiatedAsync(CancellationToken ct) => _agreement.GetAsync(ct);

    public async Task<bool> AnswersAsync(CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(AnswerWithin);
        try
        {
            using var response = await _http.GetAsync(new Uri("_ping", UriKind.Relative), limit.Token);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return false;
        }
    }

    public Task SendAsync(EngineRequest request, CancellationToken ct) => StatusAsync(request, ct);

    /// <summary>Makes a call whose answer's body does not matter.</summary>
    public async Task<HttpStatusCode> StatusAsync(EngineRequest request, CancellationToken ct)
    {
        using var response = await AnswerAsync(request, HttpCompletionOption.ResponseContentRead, ct);
        return response.StatusCode;
    }

    public async Task<T> ReadAsync<T>(EngineRequest request, JsonTypeInfo<T> type, CancellationToken ct)
        where T : class =>
        await FindAsync(request, type, ct) ?? throw EngineProblems.Of(request.About, HttpStatusCode.NotFound, "no such object").AsException();

    /// <summary><see langword="null"/> when the engine answers with a status that the request accepts.</summary>
    public async Task<T?> FindAsync<T>(EngineRequest request, JsonTypeInfo<T> type, CancellationToken ct)
        where T : class
    {
        using var response = await AnswerAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        if (request.Accepts.Contains(response.StatusCode))
        {
            return null;
        }

        await using var body = await BodyAsync(response, ct);
        return await JsonSerializer.DeserializeAsync(body, type, ct);
    }

    /// <summary>Opens an answer's body; disposing it closes the connection.</summary>
    public async Task<Stream> OpenAsync(EngineRequest request, CancellationToken ct) =>
        await BodyAsync(await AnswerAsync(request, HttpCompletionOption.ResponseHeadersRead, ct), ct);

    /// <summary>Reads an answer that is a sequence of JSON values, each as soon as it is there.</summary>
    public async IAsyncEnumerable<T> StreamAsync<T>(EngineRequest request, JsonTypeInfo<T> type, [EnumeratorCancellation] CancellationToken ct)
        where T : class
    {
        await using var body = await OpenAsync(request, ct);
        await using var values = JsonSerializer.DeserializeAsyncEnumerable(body, type, topLevelValues: true, ct).GetAsyncEnumerator(ct);
        while (await NextAsync(values))
        {
            if (values.Current is { } value)
            {
                yield return value;
            }
        }
    }

    /// <summary>Turns a call into a two-way byte stream.</summary>
    public async Task<Duplex> HijackAsync(EngineRequest request, CancellationToken ct)
    {
        var agreed = await _agreement.GetAsync(ct);
        try
        {
            return await Duplex.OpenAsync(await _dialer.DialAsync(ct), $"/v{agreed.Api}/{request.Path}", HostHeader, request, ct);
        }
        catch (Exception e) when (IsBroken(e))
        {
            throw EngineProblems.Unreachable(Endpoint, e).AsException(e);
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _dialer.Dispose();
        _agreement.Dispose();
    }

    private static bool IsBroken(Exception e) => e is HttpRequestException or IOException or System.Net.Sockets.SocketException or System.Security.Authentication.AuthenticationException;

    private async Task<HttpResponseMessage> AnswerAsync(EngineRequest request, HttpCompletionOption completion, CancellationToken ct)
    {
        var agreed = await _agreement.GetAsync(ct);
        using var message = new HttpRequestMessage(request.Method, new Uri($"v{agreed.Api}/{request.Path}", UriKind.Relative)) { Content = request.Content };
        if (request.RegistryAuth is { } credential)
        {
            message.Headers.Add("X-Registry-Auth", credential);
        }

        // The engine can refuse before a large body is sent; otherwise the refusal would drown in a broken pipe.
        message.Headers.ExpectContinue = request.Content is UploadContent ? true : null;
        using var call = EngineMeter.Begin(request);
        var response = await TransmitAsync(message, request.About, completion, ct);
        var accepted = response.IsSuccessStatusCode || request.Accepts.Contains(response.StatusCode);
        call.Ended(accepted ? "ok" : "refused", (int)response.StatusCode);
        if (accepted)
        {
            return response;
        }

        throw await RefusalAsync(request.About, response, ct);
    }

    private async Task<ProblemException> RefusalAsync(Subject about, HttpResponseMessage response, CancellationToken ct)
    {
        using var reader = new StreamReader(await BodyAsync(response, ct));
        var problem = EngineProblems.Of(about, response.StatusCode, EngineWords.Read(await reader.ReadToEndAsync(ct), response.StatusCode));
        if (problem.Code == "docker/version-too-old")
        {
            _agreement.Forget();
        }

        return problem.AsException();
    }

    private async Task<HttpResponseMessage> TransmitAsync(HttpRequestMessage message, Subject about, HttpCompletionOption completion, CancellationToken ct)
    {
        try
        {
            return await _http.SendAsync(message, completion, ct);
        }
        catch (HttpRequestException e) when (FindProblem(e) is { } problem)
        {
            throw problem.AsException(e);
        }
        catch (HttpRequestException e) when (e.HttpRequestError is not (HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError) && message.Content is UploadContent)
        {
            throw EngineProblems.UploadCut(about, e).AsException(e);
        }
        catch (HttpRequestException e)
        {
            throw EngineProblems.Unreachable(Endpoint, e).AsException(e);
        }
    }

    private static Problem? FindProblem(Exception? e) => e switch { null => null, ProblemException p => p.Problem, _ => FindProblem(e.InnerException) };

    private async Task<Stream> BodyAsync(HttpResponseMessage response, CancellationToken ct) =>
        new ResponseStream(response, await response.Content.ReadAsStreamAsync(ct), Endpoint);

    private async Task<bool> NextAsync<T>(IAsyncEnumerator<T> values)
    {
        try
        {
            return await values.MoveNextAsync();
        }
        catch (JsonException e)
        {
            throw EngineProblems.Unreachable(Endpoint, new EndOfStreamException("its answer broke off")).AsException(e);
        }
    }

    private async Task<VersionWire> AskVersionAsync(CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(VersionWithin);
        using var message = new HttpRequestMessage(HttpMethod.Get, new Uri("version", UriKind.Relative));
        try
        {
            using var response = await TransmitAsync(message, Subject.Engine, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            await using var body = await BodyAsync(response, limit.Token);
            return await JsonSerializer.DeserializeAsync(body, DockerJson.Default.VersionWire, limit.Token) ?? new();
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw EngineProblems.Unreachable(Endpoint, new TimeoutException("it takes connections but gives no answer")).AsException(e);
        }
        catch (JsonException e)
        {
            throw EngineProblems.Unreachable(Endpoint, new InvalidDataException("what answers there is not a Docker Engine")).AsException(e);
        }
    }
}
