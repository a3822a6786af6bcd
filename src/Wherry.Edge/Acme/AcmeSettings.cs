using System.Text.Json;
using System.Text.Json.Serialization;
using Wherry.Core.Model;
using Wherry.Core.Problems;
using Wherry.Edge.Acme.Solving;

namespace Wherry.Edge.Acme;

/// <summary>The file that says which authority signs, for whom, and who may write which DNS zone. <c>wherry up --acme-email</c> makes it.</summary>
internal sealed record AcmeSettings
{
    /// <summary>An https address, or <c>letsencrypt</c> or <c>letsencrypt-staging</c>. Default: Let's Encrypt.</summary>
    public Uri? Directory { get; init; }

    /// <summary>Where the authority may write to.</summary>
    public IReadOnlyList<string>? Email { get; init; }

    /// <summary>To the authority's terms of service.</summary>
    public bool AgreesToTerms { get; init; }

    public ExternalAccount? ExternalAccount { get; init; }

    /// <summary>Path of a PEM file with the roots of a private authority.</summary>
    public string? TrustedRoots { get; init; }

    /// <summary>Zones that may be written: the one way to a wildcard.</summary>
    public IReadOnlyList<ZoneSettings>? Dns { get; init; }

    /// <summary>What the file says; <see langword="null"/> when there is none: certificates are not obtained.</summary>
    /// <exception cref="ProblemException"><c>acme/settings</c>.</exception>
    public static AcmeSettings? Find(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using var file = File.OpenRead(path);
            return JsonSerializer.Deserialize(file, AcmeSettingsJson.Default.AcmeSettings) ?? throw new JsonException("it is empty");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw Wrong(path, e.Message);
        }
    }

    /// <summary>For the client; its files are below <paramref name="home"/>.</summary>
    /// <exception cref="ProblemException"><c>acme/settings</c>.</exception>
    public AcmeOptions Options(string path, string home, TimeProvider time)
    {
        try
        {
            return new AcmeOptions
            {
                Home = home,
                Directory = Directory is null ? AcmeOptions.LetsEncrypt : AcmeDirectories.Find(Directory.OriginalString) ?? throw Wrong(path, $"{Problem.Quoted(Directory.OriginalString)} is not an https address"),
                Contacts = Email ?? [],
                AgreesToTerms = AgreesToTerms,
                ExternalAccount = ExternalAccount,
                TrustedRoots = TrustedRoots is null ? null : File.ReadAllText(TrustedRoots),
                Time = time,
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Wrong(path, e.Message);
        }
    }

    /// <exception cref="ProblemException"><c>acme/settings</c>.</exception>
    public IReadOnlyList<DnsZone> Zones(string path, TimeProvider time) => [.. (Dns ?? []).Select(z => z.Open(path, time))];

    internal static ProblemException Wrong(string path, string why) =>
        new Problem("acme/settings", $"{path} does not say how certificates are obtained: {why}", "Mend it as docs/certificate.md shows, or remove it; then `wherry up`.").AsException();
}

/// <summary>Who writes one zone: exactly one of the three.</summary>
internal sealed record ZoneSettings(string Zone, int? SettleSeconds, UpdateSettings? Rfc2136, CloudflareSettings? Cloudflare, ExecSettings? Exec)
{
    public DnsZone Open(string path, TimeProvider time)
    {
        IReadOnlyList<IDnsProvider?> providers = [Rfc2136?.Open(path, time), Cloudflare is { Token: { } token } ? new Cloudflare(new(token)) : null, Exec?.Open(time)];
        return providers.OfType<IDnsProvider>().ToList() is [var provider]
            ? new DnsZone(HostName.Parse(Zone ?? ""), provider) { SettleFor = TimeSpan.FromSeconds(SettleSeconds ?? 15) }
            : throw AcmeSettings.Wrong(path, $"the zone {Problem.Quoted(Zone ?? "")} needs one of rfc2136, cloudflare and exec");
    }
}

/// <param name="Server">Address of the zone's primary server, with its port.</param>
/// <param name="Secret">Of the TSIG key (hmac-sha256), in base64.</param>
internal sealed record UpdateSettings(string Server, string KeyName, string Secret)
{
    public DnsUpdate Open(string path, TimeProvider time)
    {
        try
        {
            return new(new(Server, new TsigKey(KeyName, Convert.FromBase64String(Secret))), time);
        }
        catch (Exception e) when (e is FormatException or ArgumentNullException)
        {
            throw AcmeSettings.Wrong(path, "rfc2136 needs server, keyName and a secret in base64");
        }
    }

    public override string ToString() => KeyName;
}

/// <param name="Token">Of the API, with the right to edit the zone's DNS.</param>
internal sealed record CloudflareSettings(string Token)
{
    public override string ToString() => "cloudflare";
}

internal sealed record ExecSettings(string Program, IReadOnlyList<string>? Arguments, IReadOnlyDictionary<string, string>? Environment)
{
    public DnsExec Open(TimeProvider time) => new(new(Program, Arguments ?? []) { Environment = Environment ?? new Dictionary<string, string>() }, time);

    public override string ToString() => Program;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(AcmeSettings))]
internal sealed partial class AcmeSettingsJson : JsonSerializerContext;
