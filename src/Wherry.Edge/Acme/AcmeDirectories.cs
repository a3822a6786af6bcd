namespace Wherry.Edge.Acme;

/// <summary>Directories of authorities that are known by name.</summary>
public static class AcmeDirectories
{
    public const string LetsEncrypt = "letsencrypt";

    public const string LetsEncryptStaging = "letsencrypt-staging";

    /// <summary>The directory of that name, or the https address that it is; <see langword="null"/>: neither.</summary>
    public static Uri? Find(string nameOrUrl) => nameOrUrl switch
    {
        LetsEncrypt => AcmeOptions.LetsEncrypt,
        LetsEncryptStaging => AcmeOptions.LetsEncryptStaging,
        _ => Uri.TryCreate(nameOrUrl, UriKind.Absolute, out var url) && url.Scheme == "https" ? url : null,
    };
}
