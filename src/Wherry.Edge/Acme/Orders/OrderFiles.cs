using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Wherry.Core.Problems;
using Wherry.Edge.Files;

namespace Wherry.Edge.Acme.Orders;

/// <summary>What is kept about one certificate: the order at work, the certificate that serves, and how the last attempts went.</summary>
/// <param name="Names">For people; the file is found by its name.</param>
internal sealed record SavedCertificate(string Names)
{
    public PendingOrder? Pending { get; init; }

    public IssuedCertificate? Certificate { get; init; }

    /// <summary>Attempts that failed since the last success.</summary>
    public int Failures { get; init; }

    /// <summary>No attempt before then.</summary>
    public DateTimeOffset? NextAttempt { get; init; }

    public Problem? LastProblem { get; init; }
}

/// <param name="Key">PEM of the key that the certificate will be for. Secret.</param>
internal sealed record PendingOrder(Uri Directory, Uri Url, string Key)
{
    /// <summary>When the authority was last told to look at the answers. It may look late, and several times.</summary>
    public DateTimeOffset? LookedAt { get; init; }

    /// <summary>Which of the open ways was taken then.</summary>
    public int Way { get; init; }

    public override string ToString() => Url.AbsoluteUri;
}

/// <summary>A file per certificate, mode 0600, always whole.</summary>
internal sealed class OrderFiles(string folder)
{
    /// <summary>What is kept; nothing for a new certificate and for a file that cannot be read. The latter is put aside: ordering anew replaces it.</summary>
    public SavedCertificate Load(CertificateNames names)
    {
        var path = PathOf(names);
        try
        {
            if (File.Exists(path))
            {
                return JsonSerializer.Deserialize(File.ReadAllBytes(path), OrderJson.Default.SavedCertificate) is { } saved && IsWhole(saved) ? saved : throw new JsonException("parts are missing");
            }
        }
        catch (JsonException)
        {
            File.Move(path, path + ".unreadable", overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new Problem("acme/state-unreadable", $"{path} cannot be read: {e.Message}", "Give it mode 0600 and the edge's user; what it holds is replaced only when it can be read.").AsException(e);
        }

        return new(names.ToString());
    }

    /// <summary>Sees to it that nobody but its owner can read a file with keys in it.</summary>
    /// <returns>The file, when others could.</returns>
    public string? ShutOthersOut(CertificateNames names)
    {
        var path = PathOf(names);
        return File.Exists(path) && PrivateFile.ShutOthersOut(path) ? path : null;
    }

    /// <exception cref="ProblemException"><c>acme/not-saved</c>.</exception>
    public void Save(CertificateNames names, SavedCertificate saved) => PrivateFile.Write(PathOf(names), JsonSerializer.Serialize(saved, OrderJson.Default.SavedCertificate), AcmeProblems.NotSaved);

    /// <summary>Someone may have edited it: what is not a certificate or a key must not be found out in the middle of an order.</summary>
    private static bool IsWhole(SavedCertificate saved)
    {
        try
        {
            using var leaf = saved.Certificate?.Leaf();
            using var key = ECDsa.Create();
            if (leaf is not null)
            {
                key.ImportFromPem(saved.Certificate!.Key);
                if (!leaf.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.ExportSubjectPublicKeyInfo()))
                {
                    return false;
                }
            }

            if (saved.Pending is { } pending)
            {
                key.ImportFromPem(pending.Key);
            }

            return saved is { Names: not null, Certificate: null or { Key: not null, Directory: not null }, Pending: null or { Url: not null, Directory: not null } };
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            return false;
        }
    }

    private string PathOf(CertificateNames names) => Path.Combine(folder, names.FileName + ".json");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(SavedCertificate))]
internal sealed partial class OrderJson : JsonSerializerContext;
