using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Wherry.Core.Problems;
using Wherry.Edge.Files;

namespace Wherry.Edge.Acme;

/// <summary>The key that an account is known by: ECDSA P-256, in a PEM file that only its owner may read.</summary>
internal sealed class AccountKey : IDisposable
{
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    private readonly ECDsa _key;
    private readonly Lock _one = new();

    private AccountKey(ECDsa key)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        _key = key;
        Jwk = new("P-256", "EC", Base64Url.EncodeToString(point.X), Base64Url.EncodeToString(point.Y));
        Thumbprint = Base64Url.EncodeToString(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(Jwk, AcmeJson.Default.Jwk)));
    }

    public Jwk Jwk { get; }

    /// <summary>RFC 7638; the second half of each key authorization.</summary>
    public string Thumbprint { get; }

    public static AccountKey Create(string path)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        PrivateFile.Write(path, key.ExportPkcs8PrivateKeyPem(), AcmeProblems.NotSaved);
        return new(key);
    }

    /// <exception cref="ProblemException"><c>acme/account-key</c>: it cannot be read, is of another kind, or others may read it.</exception>
    public static AccountKey Load(string path)
    {
        var key = ECDsa.Create();
        try
        {
            if ((File.GetUnixFileMode(path) & Others) != 0)
            {
                throw Wrong(path, "others than its owner may read or write it");
            }

            key.ImportFromPem(File.ReadAllText(path));
            return key.KeySize == 256 ? new(key) : throw Wrong(path, "it is no P-256 key");
        }
        catch (Exception e)
        {
            key.Dispose();
            throw e is ArgumentException or CryptographicException or IOException or UnauthorizedAccessException ? Wrong(path, e.Message) : e;
        }
    }

    public byte[] Sign(byte[] data)
    {
        lock (_one)
        {
            return _key.SignData(data, HashAlgorithmName.SHA256);
        }
    }

    /// <summary>A message with this key's signature.</summary>
    public Jws Sign(JwsHeader header, byte[] payload) => JwsOf(header, payload, Sign);

    /// <summary>The binding of this key to a customer of the authority (RFC 8555, 7.3.4).</summary>
    /// <exception cref="ProblemException"><c>acme/account-binding</c>: its key is not base64url.</exception>
    public Jws Bind(ExternalAccount external, Uri newAccount)
    {
        byte[] mac;
        try
        {
            mac = Base64Url.DecodeFromChars(external.MacKey.Trim());
        }
        catch (FormatException)
        {
            throw AcmeProblems.AccountBinding("its HMAC key is not base64url").AsException();
        }

        return JwsOf(new("HS256", newAccount, Kid: external.KeyId), Json(Jwk, AcmeJson.Default.Jwk), data => HMACSHA256.HashData(mac, data));
    }

    public void Dispose() => _key.Dispose();

    public static byte[] Json<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(value, type);

    private static Jws JwsOf(JwsHeader header, byte[] payload, Func<byte[], byte[]> sign)
    {
        var head = Base64Url.EncodeToString(Json(header, AcmeJson.Default.JwsHeader));
        var body = Base64Url.EncodeToString(payload);
        return new(head, body, Base64Url.EncodeToString(sign(System.Text.Encoding.ASCII.GetBytes($"{head}.{body}"))));
    }

    private static ProblemException Wrong(string path, string why) => new Problem(
        "acme/account-key",
        $"The account key {path} cannot be used: {why}",
        "Give it mode 0600 and the edge's user. Or remove it: the edge then registers a new account.").AsException();
}
