using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Wherry.Edge.Acme.Solving;

/// <param name="Token">Of the API, with Zone.Zone read and Zone.DNS edit. Secret.</param>
internal sealed record CloudflareOptions(string Token)
{
    public Uri Api { get; init; } = new("https://api.cloudflare.com/client/v4/");

    /// <summary>Longest time for one answer. Default 30 s.</summary>
    public TimeSpan AnswerWithin { get; init; } = TimeSpan.FromSeconds(30);

    public override string ToString() => Api.Host;
}

/// <summary>DNS at Cloudflare, by its API.</summary>
internal sealed class Cloudflare : IDnsProvider, IDisposable
{
    private const string Name = "Cloudflare";

    /// <summary>The record is there already, with this value.</summary>
    private const int RecordExists = 81058;

    private readonly HttpClient _http;

    public Cloudflare(CloudflareOptions options)
    {
        _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = options.Api, Timeout = options.AnswerWithin, MaxResponseContentBufferSize = 1 << 20 };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.Token);
    }

    public async Task AddAsync(DnsText text, CancellationToken ct)
    {
        var zone = await ZoneAsync(text, ct);
        using var content = JsonContent.Create(new("TXT", text.Name, text.Value, DnsChallenges.Ttl), CloudflareJson.Default.NewRecord);
        using var request = new HttpRequestMessage(HttpMethod.Post, Url($"zones/{zone}/dns_records")) { Content = content };
        var answer = await SendAsync(request, text, CloudflareJson.Default.CloudflareAnswerCloudflareItem, ct);
        if (!answer.Success && answer.Errors?.Any(e => e.Code == RecordExists) != true)
        {
            throw Refused(text, answer.Errors);
        }
    }

    public async Task RemoveAsync(DnsText text, CancellationToken ct)
    {
        var zone = await ZoneAsync(text, ct);
        var records = await ListAsync(text, $"zones/{zone}/dns_records?type=TXT&name={Uri.EscapeDataString(text.Name)}", ct);
        foreach (var record in records.Where(r => r.Content?.Trim('"') == text.Value))
        {
            using var request = new HttpRequestMessage(HttpMethod.Delete, Url($"zones/{zone}/dns_records/{Uri.EscapeDataString(record.Id)}"));
            var answer = await SendAsync(request, text, CloudflareJson.Default.CloudflareAnswerCloudflareItem, ct);
            if (!answer.Success)
            {
                throw Refused(text, answer.Errors);
            }
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<string> ZoneAsync(DnsText text, CancellationToken ct)
    {
        var zones = await ListAsync(text, $"zones?name={Uri.EscapeDataString(text.Zone.Value)}", ct);
        return zones is [{ Id: { Length: > 0 } id }, ..] ? Uri.EscapeDataString(id) : throw DnsChallenges.Failed(Name, text, $"the token sees no zone {text.Zone}").AsException();
    }

    private async Task<IReadOnlyList<CloudflareItem>> ListAsync(DnsText text, string path, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Url(path));
        var answer = await SendAsync(request, text, CloudflareJson.Default.CloudflareAnswerIReadOnlyListCloudflareItem, ct);
        return answer is { Success: true, Result: { } found } ? found : throw Refused(text, answer.Errors);
    }

    private async Task<CloudflareAnswer<T>> SendAsync<T>(HttpRequestMessage request, DnsText text, JsonTypeInfo<CloudflareAnswer<T>> type, CancellationToken ct)
    {
        try
        {
            using var response = await _http.SendAsync(request, ct);
            return await response.Content.ReadFromJsonAsync(type, ct) ?? throw new JsonException("null");
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw DnsChallenges.Failed(Name, text, "no answer in time").AsException(e);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException)
        {
            throw DnsChallenges.Failed(Name, text, e.GetBaseException().Message).AsException(e);
        }
    }

    private static Core.Problems.ProblemException Refused(DnsText text, IReadOnlyList<CloudflareError>? errors) =>
        DnsChallenges.Failed(Name, text, string.Join("; ", (errors ?? []).Take(5).Select(e => $"{e.Message} ({e.Code})"))).AsException();

    private static Uri Url(string path) => new(path, UriKind.Relative);
}

internal sealed record NewRecord(string Type, string Name, string Content, int Ttl);

internal sealed record CloudflareAnswer<T>(bool Success, IReadOnlyList<CloudflareError>? Errors, T? Result);

internal sealed record CloudflareError(int Code, string Message);

internal sealed record CloudflareItem(string Id, string? Name, string? Content);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(NewRecord))]
[JsonSerializable(typeof(CloudflareAnswer<CloudflareItem>))]
[JsonSerializable(typeof(CloudflareAnswer<IReadOnlyList<CloudflareItem>>))]
internal sealed partial class CloudflareJson : JsonSerializerContext;
