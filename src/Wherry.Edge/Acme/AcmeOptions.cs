namespace Wherry.Edge.Acme;

/// <summary>Which certificate authority is asked, by whom, and how patiently.</summary>
internal sealed record AcmeOptions
{
    public static readonly Uri LetsEncrypt = new("https://acme-v02.api.letsencrypt.org/directory");

    /// <summary>Its certificates are trusted by no browser; its limits are wide. For trying things out.</summary>
    public static readonly Uri LetsEncryptStaging = new("https://acme-staging-v02.api.letsencrypt.org/directory");

    /// <summary>Folder of the accounts, one per directory; made with mode 0700 when missing.</summary>
    public required string Home { get; init; }

    /// <summary>The authority's directory, always https. Default: Let's Encrypt.</summary>
    public Uri Directory { get; init; } = LetsEncrypt;

    /// <summary>Mail addresses that the authority may write to. Default: none.</summary>
    public IReadOnlyList<string> Contacts { get; init; } = [];

    /// <summary>The operator agrees to the authority's terms of service. Default no: an authority that has terms refuses.</summary>
    public bool AgreesToTerms { get; init; }

    /// <summary>Ties the account to a customer of the authority. Default: none.</summary>
    public ExternalAccount? ExternalAccount { get; init; }

    /// <summary>PEM certificates that are trusted as the directory's roots besides the system's, for a private authority. Default: none.</summary>
    public string? TrustedRoots { get; init; }

    /// <summary>Longest time for one answer. Default 30 s.</summary>
    public TimeSpan AnswerWithin { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest time that one attempt waits for the authority to validate and to sign; the next one continues. Default 5 min.</summary>
    public TimeSpan WorkWithin { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Pause after the first failed attempt; each further one doubles it. Default 1 min.</summary>
    public TimeSpan RetryFirst { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Longest pause between attempts, unless the authority asks for a longer one. Default 6 h.</summary>
    public TimeSpan RetryMost { get; init; } = TimeSpan.FromHours(6);

    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>External account binding, as the authority hands it out.</summary>
/// <param name="KeyId">Names the key; not secret.</param>
/// <param name="MacKey">The HMAC key in base64url. Secret.</param>
internal sealed record ExternalAccount(string KeyId, string MacKey)
{
    public override string ToString() => KeyId;
}
