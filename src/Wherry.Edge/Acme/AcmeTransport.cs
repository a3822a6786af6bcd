using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Wherry.Core.Problems;

namespace Wherry.Edge.Acme;

/// <summary>One answer of the authority that was no refusal.</summary>
internal sealed record AcmeAnswer(Uri Url, byte[] Body, Uri? Location, TimeSpan? RetryAfter)
{
    /// <exception cref="ProblemException"><c>acme/bad-answer</c>.</exception>
    public T Read<T>(JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(Body, type) ?? throw AcmeProblems.BadAnswer(Url, "null").AsException();
        }
        catch (JsonException e)
        {
            throw AcmeProblems.BadAnswer(Url, e.Message).AsException(e);
        }
    }
}

/// <summary>Asks an authority: https only, no redirects, small answers in limited time, each request with a fresh nonce.</summary>
internal sealed class AcmeTransport : IDisposable
{
    private const int MaxAnswerBytes = 1 << 20;

    /// <summary>An authority under test rejects every second good nonce.</summary>
    private const int MaxNonceTries = 20;

    private static readonly TimeSpan DirectoryFor = TimeSpan.FromHours(1);

    private readonly ConcurrentStack<string> _nonces = [];
    private readonly AcmeOptions _options;
    private readonly HttpClient _http;
    private (AcmeDirectory Directory, long Since)? _directory;

    public AcmeTransport(AcmeOptions options)
    {
        _options = options;
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = options.AnswerWithin, PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
        if (options.TrustedRoots is { } pem)
        {
            var roots = new X509Certificate2Collection();
            roots.ImportFromPem(pem);
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, chain, errors) => Trusts(roots, certificate, chain, errors);
        }

        _http = new(handler) { Timeout = options.AnswerWithin, MaxResponseContentBufferSize = MaxAnswerBytes };
        _http.DefaultRequestHeaders.UserAgent.Add(new("Wherry", typeof(AcmeTransport).Assembly.GetName().Version!.ToString(3)));
    }

    /// <summary>What the authority offers, at most an hour old.</summary>
    public async Task<AcmeDirectory> DirectoryAsync(CancellationToken ct)
    {
        if (_directory is { } known && _options.Time.GetElapsedTime(known.Since) < DirectoryFor)
        {
            return known.Directory;
        }

        var directory = (await GetAsync(_options.Directory, ct)).Read(AcmeJson.Default.AcmeDirectory);
        if (new[] { directory.NewNonce, directory.NewAccount, directory.NewOrder, directory.RevokeCert, directory.KeyChange }.Any(url => url is null))
        {
            throw AcmeProblems.BadAnswer(_options.Directory, "its directory lacks an address").AsException();
        }

        _directory = (directory, _options.Time.GetTimestamp());
        return directory;
    }

    public async Task<AcmeAnswer> GetAsync(Uri url, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        using var response = await SendAsync(request, ct);
        return response.IsSuccessStatusCode ? await AnswerAsync(url, response, ct) : throw Refusal(url, response, await ErrorAsync(response, ct));
    }

    /// <summary>Posts what <paramref name="sign"/> makes of a nonce; again with another one for as long as the authority dislikes it.</summary>
    /// <exception cref="ProblemException">The authority refused or was not reached.</exception>
    public async Task<AcmeAnswer> PostAsync(Uri url, Func<string, Jws> sign, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var content = new ByteArrayContent(AccountKey.Json(sign(await NonceAsync(ct)), AcmeJson.Default.Jws));
            content.Headers.ContentType = new("application/jose+json");
            using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = content };
            using var response = await SendAsync(request, ct);
            if (response.IsSuccessStatusCode)
            {
                return await AnswerAsync(url, response, ct);
            }

            var error = await ErrorAsync(response, ct);
            if (!AcmeProblems.Is(error, "badNonce") || attempt == MaxNonceTries)
            {
                throw Refusal(url, response, error);
            }
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<string> NonceAsync(CancellationToken ct)
    {
        if (_nonces.TryPop(out var kept))
        {
            return kept;
        }

        var url = (await DirectoryAsync(ct)).NewNonce;
        using var request = new HttpRequestMessage(HttpMethod.Head, url);
        using var response = await SendAsync(request, ct);
        if (!response.IsSuccessStatusCode)
        {
            throw Refusal(url, response, await ErrorAsync(response, ct));
        }

        return _nonces.TryPop(out var fresh) ? fresh : throw AcmeProblems.BadAnswer(url, "no nonce").AsException();
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken ct)
    {
        if (request.RequestUri is not { IsAbsoluteUri: true, Scheme: "https" } url)
        {
            throw new Problem("acme/not-https", $"{Problem.Quoted(request.RequestUri?.OriginalString ?? "")} is no https address.", "Certificate authorities are asked over https only; correct the directory's address.").AsException();
        }

        try
        {
            var response = await _http.SendAsync(request, ct);
            if (response.Headers.TryGetValues("Replay-Nonce", out var nonces) && nonces.First() is { Length: > 0 and < 500 } nonce)
            {
                // Nonces from before the authority restarted are worth nothing: the last one goes first, and few are kept.
                if (_nonces.Count > 20 || !response.IsSuccessStatusCode)
                {
                    _nonces.Clear();
                }

                _nonces.Push(nonce);
            }

            return response;
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw AcmeProblems.Unreachable(url, $"no answer within {_options.AnswerWithin.TotalSeconds:0.#} s").AsException(e);
        }
        catch (HttpRequestException e)
        {
            throw AcmeProblems.Unreachable(url, e.GetBaseException().Message).AsException(e);
        }
    }

    private async Task<AcmeAnswer> AnswerAsync(Uri url, HttpResponseMessage response, CancellationToken ct) =>
        new(url, await response.Content.ReadAsByteArrayAsync(ct), response.Headers.Location is { } to ? new(url, to) : null, Pause(response.Headers.RetryAfter));

    private static async Task<AcmeError> ErrorAsync(HttpResponseMessage response, CancellationToken ct)
    {
        try
        {
            var body = await response.Content.ReadAsByteArrayAsync(ct);
            return JsonSerializer.Deserialize(body, AcmeJson.Default.AcmeError) ?? new(null, null);
        }
        catch (JsonException)
        {
            return new(null, null); // a proxy's page in between; the status says enough
        }
    }

    private ProblemException Refusal(Uri url, HttpResponseMessage response, AcmeError error) =>
        AcmeProblems.Of(error, response.StatusCode, url, Pause(response.Headers.RetryAfter) is { } pause ? _options.Time.GetUtcNow() + pause : null);

    private TimeSpan? Pause(RetryConditionHeaderValue? header) => header switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date > _options.Time.GetUtcNow() ? date - _options.Time.GetUtcNow() : TimeSpan.Zero,
        _ => null,
    };

    private static bool Trusts(X509Certificate2Collection roots, X509Certificate? certificate, X509Chain? given, SslPolicyErrors errors)
    {
        if (errors is not SslPolicyErrors.RemoteCertificateChainErrors || certificate is not X509Certificate2 leaf)
        {
            return errors is SslPolicyErrors.None;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.ApplicationPolicy.Add(new("1.3.6.1.5.5.7.3.1")); // of a server
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ExtraStore.AddRange(given!.ChainPolicy.ExtraStore);
        return chain.Build(leaf);
    }
}
